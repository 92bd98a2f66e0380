/** What a task has come to, for who waits or asks. */
import { STATUSES } from '../core/runner.ts';
import { failedError, TaskCancelledError, type TaskErrorJson } from '../errors/index.ts';
import { isThrown } from '../wire/thrown.ts';
import type { Entry } from './entry.ts';
import type { Inner } from './inner.ts';
import { recordOf } from './view.ts';

/** The outcome of an ended task. */
export function outcome(inner: Inner, entry: Entry): Promise<unknown> {
  return inner.isCompleted(entry) ? Promise.resolve(entry.subject) : Promise.reject(errorOf(inner, entry));
}

/** What a failed or cancelled task rejects with; the very object that was thrown is its cause. */
export function errorOf(inner: Inner, entry: Entry): Error {
  if (STATUSES[entry.ended] === 'cancelled') return cancelledError(inner, entry);
  const stored = recordOf(inner, entry).error as TaskErrorJson;
  return failedError(
    inner.idOf(entry),
    entry.extra?.recipe ?? '',
    stored,
    isThrown(stored) ? { value: entry.subject } : undefined,
  );
}

export function cancelledError(inner: Inner, entry: Entry): TaskCancelledError {
  const taskId = inner.idOf(entry);
  const why = entry.extra?.reason;
  const { abortedWith } = entry.extra ?? {};
  return new TaskCancelledError(`task ${taskId} was cancelled${why === undefined ? '' : `: ${why}`}`, {
    taskId,
    ...(abortedWith === undefined ? {} : { cause: abortedWith.reason }),
  });
}

/** What an execution is told to end with when its time, or that of a request, is over. */
export function timeoutError(inner: Inner, entry: Entry, ofRequest: boolean): Error {
  const { timeout_ms } = recordOf(inner, entry);
  const message = ofRequest ? 'a request was not answered in time' : `timed out after ${(timeout_ms ?? 0) / 1000}s`;
  return Object.assign(new Error(message), { name: 'TimeoutError' });
}
