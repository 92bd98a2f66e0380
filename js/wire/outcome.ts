import { failedError, TaskCancelledError } from '../errors/outcome.ts';
import { CodecError } from '../errors/refusal.ts';
import type { TaskJson } from './task.ts';

/** Nobody is told that there is no result where it is only not to be read here. */
export function refuseUndecoded({ task_id: id, undecoded }: TaskJson): void {
  if (undecoded?.kinds.includes('result') !== true) return;
  const { codec, reason } = undecoded;
  throw new CodecError(`the result of task ${id} cannot be read here: ${reason}`, { taskId: id, details: { codec } });
}

/**
 * The result of a completed task; what a failed or cancelled one rejects with is thrown. `cause` is what its
 * code threw, or the reason of the signal that cancelled it, where that is at hand: the cause is that very object then.
 */
export function outcomeOf(task: TaskJson, cause?: { value: unknown }): unknown {
  const { task_id: id, recipe, status, error, result } = task;
  refuseUndecoded(task);
  if (status === 'completed') return result;
  if (status === 'failed' && error) throw failedError(id, recipe, error, cause);
  throw new TaskCancelledError(`task ${id} was cancelled`, {
    taskId: id,
    ...(cause === undefined ? {} : { cause: cause.value }),
  });
}
