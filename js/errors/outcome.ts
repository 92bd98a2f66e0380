import { TaskError, type TaskErrorOptions } from './base.ts';
import { rebuilt } from './rebuilt.ts';

/** Why a task failed, as stored. */
export interface TaskErrorJson {
  code: string;
  name: string;
  message: string;
  retryable: boolean;
  details?: unknown;
}

/** A task that ended `failed`; `code` is the stored one: failed, timeout, lost, expired, input_expired, unserializable. */
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

/** The wait ran out; the task runs on. `name` is `'TimeoutError'`. */
export class WaitTimeoutError extends TaskError {
  override readonly name: string = 'TimeoutError';
  /** `problem`: why nobody runs it, where that is known. */
  constructor(taskId: string, time: number | string, problem?: string) {
    const waited = `waited ${typeof time === 'number' ? `${time} s` : time} for task ${taskId}`;
    super(
      'wait_timeout',
      problem === undefined
        ? `${waited}, which runs on; wait again or cancel it`
        : `${waited}, which still waits for a worker: ${problem}`,
      { taskId },
    );
  }
}

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
