/** The last commit of an attempt. */
import type { Changed, Attempt as Key, Store } from '../store/types.ts';
import type { TaskErrorJson } from '../wire/task.ts';
import { attemptError, conclude, type Ending, type Stop } from './conclude.ts';
import type { Journal } from './journal.ts';
import type { Mask } from './mask/mask.ts';
import { isStoreLost, oneLine } from './trouble.ts';

/** Whose end it is. */
export interface EndOf {
  worker: string;
  store: Store;
  key: Readonly<Key>;
  journal: Journal;
  mask: Mask;
  onTrouble(error: unknown): void;
}

/**
 * Commits how an attempt ended; answers with what became of it, null when the task is gone or nothing could be stored.
 * `ended`: nothing of its work goes on. Tries again without the gathered facts, then with a plain failure, so that no
 * attempt is left hanging. Rejects when the store is lost.
 */
export async function commitEnd(of: EndOf, ending: Ending, stop: Stop | undefined, ended: boolean) {
  const { journal, mask, onTrouble } = of;
  if (ending.kind === 'gone' && stop === undefined && !(await isHeld(of))) return null;
  const { commands, ...beside } = conclude(ending, stop, ended, mask);
  const tries: ((error: unknown) => Promise<Changed | null>)[] = [
    () => journal.commit(commands, beside),
    () => journal.commit(commands, beside),
    (error) => journal.commit([{ command: 'fail', error: internal(error, true), settled: true }]),
  ];
  let trouble: unknown;
  for (const one of tries) {
    try {
      return await one(trouble);
    } catch (error) {
      if (isStoreLost(error)) throw error;
      onTrouble(error);
      trouble = error;
    }
  }
  return null;
}

/**
 * Who takes an attempt away kills its process first: that is no failure of its own, and was told already. He does so
 * behind the write lock, so a write of ours comes after his commit.
 */
async function isHeld({ worker, store, key: { id, attempt } }: EndOf): Promise<boolean> {
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

function internal(error: unknown, retryable: boolean): TaskErrorJson {
  const { name, message } = error instanceof Error ? error : new Error(oneLine(error));
  return attemptError(name, message, 'failed', retryable);
}
