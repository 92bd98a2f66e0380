import { failedError, InvalidArgumentError, TaskCancelledError, WaitTimeoutError } from '../errors/index.ts';
import { taskFromJson } from '../wire/convert.ts';
import type { BackgroundTaskHandle, Duration, HandleWaitOptions } from '../wire/handle.ts';
import type { Task, TaskJson } from '../wire/task.ts';
import type { Verbs } from './verbs.ts';

export type { BackgroundTaskHandle, HandleWaitOptions } from '../wire/handle.ts';

/** Makes a handle out of an id, and of the task where it is at hand. No I/O. */
export function makeHandle<Result>(verbs: Verbs, id: string, task?: TaskJson): BackgroundTaskHandle<Result> {
  const sessionId = task?.session_id;
  return {
    taskId: id,
    id,
    name: task?.name ?? '',
    recipeName: task?.recipe ?? '',
    ...(sessionId == null ? {} : { sessionId }),
    taskSessionId: `bg:${id}`,
    status: async () => (await verbs.get(id)).status,
    wait: (timeout) => waitForResult(verbs, id, timeout) as Promise<Result>,
    cancel: async (reason, options) => {
      const how = { ...(reason === undefined ? {} : { reason }), stopped: options?.stopped ?? false };
      return (await verbs.cancel(id, how)).cancelled;
    },
    snapshot: async () => taskFromJson(await verbs.get(id)) as Task<Result>,
  };
}

/** Waits for the outcome and turns it into a value or an error. */
export async function waitForResult(
  verbs: Verbs,
  id: string,
  limit?: Duration | HandleWaitOptions | null,
): Promise<unknown> {
  const options = waitOptions(limit);
  const { task, wait_status } = await verbs.wait(id, options);
  if (wait_status === 'timeout') throw new WaitTimeoutError(id, options.timeout ?? 0);
  return outcome(task);
}

function waitOptions(limit: Duration | HandleWaitOptions | null | undefined): HandleWaitOptions {
  if (limit === undefined) return {};
  if (typeof limit === 'number' || typeof limit === 'string') return { timeout: limit };
  if (typeof limit === 'object' && limit !== null) return limit;
  throw new InvalidArgumentError(`timeout: got ${String(limit)}, expected seconds, a text such as "90s", or options`);
}

/** The result of a completed task; what a failed or cancelled one rejects with is thrown. */
export function outcome(task: TaskJson): unknown {
  const { task_id: id, recipe, status, error, result } = task;
  if (status === 'completed') return result;
  if (status === 'failed' && error) throw failedError(id, recipe, error);
  throw new TaskCancelledError(`task ${id} was cancelled`, { taskId: id });
}
