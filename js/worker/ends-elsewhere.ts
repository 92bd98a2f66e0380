/** Attempts that end because somebody else says so: their task has ended, or their worker stops. */
import type { Commit } from '../ports/backend.ts';
import type { Ended, Store } from '../store/types.ts';
import type { Attempt } from './attempt.ts';
import type { Clock } from './clock.ts';
import type { AbortCause } from './protocol.ts';
import type { Roster } from './roster.ts';

/** Codes of errors that say that a time was over. */
const TIMES: readonly string[] = ['timeout', 'input_expired'];

/** Whether what runs here may have to end since that commit, or another attempt of here is told something. */
export const touchesWhatRuns = (commit?: Commit): boolean =>
  commit === undefined || commit.topics.some((topic) => topic.startsWith('worker:'));

/** Tells it to end, with the reason of its task's end. */
export async function endAttempt(attempt: Attempt, { id, status, reason }: Ended, store: Store): Promise<void> {
  if (status === 'pending' && attempt.isFluid) return; // answered: it is about to go on
  const error = status === 'failed' ? await errorOf(id, store) : undefined;
  const cause: AbortCause = error !== undefined && TIMES.includes(error.code) ? 'timeout' : 'cancelled';
  const told = status === 'cancelled' ? 'the task was cancelled' : `the task is ${status} already`;
  attempt.cancel(cause, reason ?? error?.message ?? told);
}

async function errorOf(id: string, store: Store): Promise<{ code: string; message: string } | undefined> {
  const task = await store.run('get', { id, payloads: [] });
  return task === null ? undefined : (JSON.parse(task.record).error ?? undefined);
}

/** Resolves when none runs any more, after so many milliseconds, or when `skip` is aborted. */
export function drained(roster: Roster, clock: Clock, ms: number, skip?: AbortSignal): Promise<void> {
  if (roster.size === 0 || ms === 0 || skip?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      skip?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.after(ms, finish);
    skip?.addEventListener('abort', finish);
    void roster.empty().then(finish);
  });
}
