import { TaskError, type TaskErrorOptions } from './base.ts';
import { rebuilt } from './rebuilt.ts';

/** Why a task failed, as stored. */
export interface TaskErrorJson {
  /** `failed`, `timeout`, `lost`, `expired`, `input_expired`, `unserializable` or `budget_exceeded`. */
  code: string;
  /** The name of what was thrown. */
  name: string;
  /** Its message, at most 64 KiB. */
  message: string;
  /** Whether another attempt may do better. */
  retryable: boolean;
  /** Its stack, cause and the like; of `lost` the `reason`. */
  details?: unknown;
}

/**
 * A task that ended `failed`; `code` is the stored one: failed, timeout, lost, expired, input_expired, unserializable,
 * budget_exceeded.
 */
export class TaskFailedError extends TaskError {
  override readonly name: string = 'TaskFailedError';
}

/** A recipe task that failed, or a recipe that cannot be run. */
export class RecipeError extends TaskFailedError {
  override readonly name: string = 'RecipeError';
}

/** The task was cancelled. Also the reason of its `AbortSignal`. */
export class TaskCancelledError extends TaskError {
  override readonly name: string = 'TaskCancelledError';
  constructor(message: string, options: TaskErrorOptions = {}) {
    super('cancelled', message, options);
  }
}

/** The wait ran out; the task runs on. `name` is `'TimeoutError'`. Of a wait for several `details.task_ids` still run. */
export class WaitTimeoutError extends TaskError {
  override readonly name: string = 'TimeoutError';
  /** `problem`: why nobody runs it, where that is known. */
  constructor(tasks: string | readonly string[], limit: number | string, problem?: string) {
    const ids = typeof tasks === 'string' ? [tasks] : tasks;
    const time = typeof limit === 'number' ? `${limit} s` : limit;
    const what = ids.length === 1 ? `task ${ids[0]}` : `each of ${ids.length} tasks (${listed(ids)})`;
    const waited = `waited ${time} for ${what}`;
    super(
      'wait_timeout',
      problem === undefined
        ? `${waited}, which runs on; wait again or cancel it`
        : `${waited}, which still waits for a worker: ${problem}`,
      { taskId: ids[0], ...(typeof tasks === 'string' ? {} : { details: { task_ids: ids } }) },
    );
  }
}

const listed = (ids: readonly string[]): string =>
  `${ids.slice(0, 3).join(', ')}${ids.length > 3 ? ` and ${ids.length - 3} more` : ''}`;

/**
 * What a failed task rejects with: a `RecipeError` for a recipe. Its `cause` is the very object that was `thrown` where
 * that is at hand, else it is rebuilt.
 */
export function failedError(
  taskId: string,
  recipe: string,
  stored: TaskErrorJson,
  original?: { value: unknown },
): TaskFailedError {
  const cause = original === undefined ? rebuilt(stored) : original.value;
  const options = { taskId, cause, details: stored.details };
  return recipe === ''
    ? new TaskFailedError(stored.code, stored.message, options)
    : new RecipeError(stored.code, stored.message, options);
}
