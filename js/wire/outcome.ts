import { failedError, TaskCancelledError } from '../errors/outcome.ts';
import type { TaskJson } from './task.ts';

/**
 * The result of a completed task; what a failed or cancelled one rejects with is thrown. `cause` is what its
 * code threw, or the reason of the signal that cancelled it, where that is at hand: the cause is that very object then.
 */
export function outcomeOf(task: TaskJson, cause?: { value: unknown }): unknown {
  const { task_id: id, recipe, status, error, result } = task;
  if (status === 'completed') return result;
  if (status === 'failed' && error) throw failedError(id, recipe, error, cause);
  throw new TaskCancelledError(`task ${id} was cancelled`, {
    taskId: id,
    ...(cause === undefined ? {} : { cause: cause.value }),
  });
}
