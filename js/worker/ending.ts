/** The last commit of an attempt. */
import { isTaskError } from '../errors/base.ts';
import type { Changed, Attempt as Key } from '../store/types.ts';
import type { TaskErrorJson } from '../wire/task.ts';
import type { AttemptOptions } from './attempt-options.ts';
import { pause } from './clock.ts';
import { attemptError, conclude, type Ending, type Stop } from './conclude.ts';
import type { Told, With } from './journal.ts';
import type { Mask } from './mask/mask.ts';
import { isStoreLost, oneLine } from './trouble.ts';

/** Whose end it is. */
export interface EndOf {
  readonly options: Pick<AttemptOptions, 'worker' | 'store' | 'clock' | 'onTrouble'>;
  readonly key: Readonly<Key>;
  readonly mask: Mask;
  /** The worker ends: what cannot be stored now is left to whoever finds it dead. */
  readonly isDismissed: boolean;
  /** Commits what was gathered and then the commands. */
  commit(commands: readonly Told[], more: With): Promise<Changed | null>;
}

/** Milliseconds before an end that could not be stored is tried again. */
const PAUSES = [500, 1_000, 2_000];
const LONGEST_PAUSE = 5_000;

/**
 * Commits how an attempt ended; answers with what became of it, null when the task is gone. `ended`: nothing of its work
 * goes on. What cannot be stored is tried again, without the gathered facts and as a plain failure too, until it is, or the
 * store has no such execution: an attempt that is dropped here would be shown as running for ever. Rejects when the store
 * is lost, and when the worker ends and it still could not be stored.
 */
export async function commitEnd(of: EndOf, ending: Ending, stop: Stop | undefined, ended: boolean) {
  if (ending.kind === 'gone' && stop === undefined && !(await isHeld(of))) return null;
  const { commands, ...beside } = conclude(ending, stop, ended, of.mask);
  const whole = (): Promise<Changed | null> => of.commit(commands, beside);
  try {
    return await whole();
  } catch (error) {
    return commitAgain(of, whole, error);
  }
}

async function commitAgain(of: EndOf, whole: () => Promise<Changed | null>, first: unknown): Promise<Changed | null> {
  const { clock, onTrouble } = of.options;
  const plain = (trouble: unknown): Promise<Changed | null> =>
    of.commit([{ command: 'fail', error: internal(trouble, true), settled: true }], {});
  let tries = [() => Promise.reject(first), whole, plain];
  for (let round = 0; ; round += 1) {
    let trouble: unknown;
    for (const one of tries) {
      try {
        return await one(trouble);
      } catch (error) {
        if (isStoreLost(error)) throw error;
        if (round === 0) onTrouble(error);
        trouble = error;
      }
    }
    if (isRefused(trouble)) return null;
    if (of.isDismissed) throw trouble;
    await pause(clock, PAUSES[round] ?? LONGEST_PAUSE);
    tries = [whole, whole, plain];
  }
}

/** The store has the task and says that this execution is none of its own, or has reported. */
const isRefused = (error: unknown): boolean => isTaskError(error) && error.code === 'conflict';

/**
 * Who takes an attempt away kills its process first: that is no failure of its own, and was told already. He does so
 * behind the write lock, so a write of ours comes after his commit.
 */
async function isHeld({ options: { worker, store }, key: { id, attempt } }: EndOf): Promise<boolean> {
  await store.run('renew', { worker }).catch(() => {});
  const task = await store.run('get', { id, payloads: [] });
  if (task === null) return false;
  const { hold } = JSON.parse(task.record) as { hold?: { worker: string; attempt: number } | null };
  return hold?.worker === worker && hold.attempt === attempt; // its epoch is for the journal to know
}

export const ABORTED: Ending = { kind: 'aborted' };

export const failedInside = (error: unknown, retryable: boolean): Ending => ({
  kind: 'error',
  error: internal(error, retryable),
  crashed: true,
});

export const notBegun = (reason: string): Ending => ({ kind: 'not_begun', reason });

function internal(error: unknown, retryable: boolean): TaskErrorJson {
  const { name, message } = error instanceof Error ? error : new Error(oneLine(error));
  return attemptError(name, message, 'failed', retryable);
}
