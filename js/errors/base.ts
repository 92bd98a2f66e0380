/** The root of every error that offstage throws. */

const BRAND = Symbol.for('offstage.TaskError');

/** What an error carries beyond its message. */
export interface TaskErrorOptions {
  /** The task that it is about. */
  taskId?: string | undefined;
  /** What led to it. */
  cause?: unknown;
  /** More about it, as JSON can carry it. */
  details?: unknown;
}

/** An error with a stable `code`; `taskId` and `cause` where there is one. */
export class TaskError extends Error {
  override readonly name: string = 'TaskError';
  /** Stays the same from version to version; judge by it. */
  readonly code: string;
  /** The task that it is about, where there is one. */
  readonly taskId?: string;
  /** More about it: plain data, by code. */
  readonly details?: unknown;
  readonly [BRAND] = true;

  constructor(code: string, message: string, options: TaskErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    if (options.taskId !== undefined) this.taskId = options.taskId;
    if (options.details !== undefined) this.details = options.details;
  }

  /** The error as plain data: `name`, `code`, `message`, and `task_id` and `details` where there are any. */
  toJSON(): { name: string; code: string; message: string; task_id?: string; details?: unknown } {
    return {
      name: this.name,
      code: this.code,
      message: this.message,
      ...(this.taskId === undefined ? {} : { task_id: this.taskId }),
      ...(this.details === undefined ? {} : { details: this.details }),
    };
  }
}

/** Tells whether a value is a `TaskError`, also of another copy of this package. */
export function isTaskError(value: unknown): value is TaskError {
  return typeof value === 'object' && value !== null && (value as { [BRAND]?: boolean })[BRAND] === true;
}
