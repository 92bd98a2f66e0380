import { failedError, InvalidArgumentError, TaskCancelledError, WaitTimeoutError } from '../errors/index.ts';
import { taskFromJson } from '../wire/convert.ts';
import type { Task, TaskJson, TaskStatus } from '../wire/task.ts';
import type { Duration, Verbs } from './verbs.ts';

/** How long to wait, and what ends the wait early. */
export interface HandleWaitOptions {
  /** Seconds or a text such as `"90s"`. Default: no limit. 0 looks once. */
  timeout?: Duration;
  /** Aborting it rejects the wait with the signal's reason; the task runs on. */
  signal?: AbortSignal;
}

/**
 * One background task, wherever it runs. A handle is not thenable: `await handle` gives the handle, `handle.wait()` the
 * result. It holds no connection and keeps no process alive.
 */
export interface BackgroundTaskHandle<Result = unknown> {
  readonly taskId: string;
  /** The same as `taskId`. */
  readonly id: string;
  /** Empty for a handle made from an id alone. */
  readonly name: string;
  /** Empty for a handle made from an id alone. */
  readonly recipeName: string;
  readonly sessionId?: string;
  /** `"bg:" + taskId`: the task's own session, apart from every other. */
  readonly taskSessionId: string;
  /** Never throws because a task failed. */
  status(): Promise<TaskStatus>;
  /**
   * Resolves with the result. Rejects with `RecipeError` or `TaskFailedError` when the task failed, `TaskCancelledError`
   * when it was cancelled, `WaitTimeoutError` (name `TimeoutError`) when the time is over; then the task runs on.
   */
  wait(timeout?: Duration | HandleWaitOptions): Promise<Result>;
  /** False when the task was terminal already. With `stopped` it resolves when the work has really ended. */
  cancel(reason?: string, options?: { stopped?: boolean }): Promise<boolean>;
  /** Everything that is known of the task now. */
  snapshot(): Promise<Task<Result>>;
}

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
