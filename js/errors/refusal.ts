import { isTaskError, TaskError, type TaskErrorOptions } from './base.ts';

/** No such task in the store that was asked. */
export class TaskNotFoundError extends TaskError {
  override readonly name: string = 'TaskNotFoundError';
  constructor(id: string, store: string) {
    super('task_not_found', `no task '${id}' in ${store}`, { taskId: id, details: { store } });
  }
}

/** No schedule of that name or id in the store that was asked. */
export class ScheduleNotFoundError extends TaskError {
  override readonly name: string = 'ScheduleNotFoundError';
  constructor(which: string, near: string | undefined, store: string) {
    const hint = near === undefined ? '' : `; did you mean '${near}'?`;
    super('not_found', `no schedule '${which}' in ${store}${hint}`, { details: { schedule: which, store } });
  }
}

/** What was asked clashes with the task's state, or with another request that came first. */
export class ConflictError extends TaskError {
  override readonly name: string = 'ConflictError';
  constructor(message: string, options: TaskErrorOptions = {}) {
    super('conflict', message, options);
  }
}

/** No more tasks are taken: so many run and wait already. */
export class QueueFullError extends TaskError {
  override readonly name: string = 'QueueFullError';
  constructor(message: string, options: TaskErrorOptions = {}) {
    super('queue_full', message, options);
  }
}

/** A value that JSON cannot carry, or that is over a limit. */
export class SerializationError extends TaskError {
  override readonly name: string = 'SerializationError';
  constructor(message: string, options: TaskErrorOptions = {}) {
    super('unserializable', message, options);
  }
}

/** A method needs a package that is not installed; the message says how to install it. */
export class MissingDependencyError extends TaskError {
  override readonly name: string = 'MissingDependencyError';
  /** Names of packages. */
  readonly missing: readonly string[];
  constructor(method: string, missing: string, install: string, options: TaskErrorOptions = {}) {
    super('missing_dependency', `${method} needs the package '${missing}', which is not installed here: ${install}`, {
      ...options,
      details: { missing: [missing], install },
    });
    this.missing = [missing];
  }
}

/** The program of an ad-hoc command is not here, or cannot be run. */
export class ProgramNotFoundError extends TaskError {
  override readonly name: string = 'ProgramNotFoundError';
  /** `external` and the program, in one text. */
  readonly missing: readonly string[];
  constructor(program: string, why: string) {
    const missing = [`external ${program}`];
    super('missing_dependency', `command: ${JSON.stringify(program)} ${why}`, { details: { missing } });
    this.missing = missing;
  }
}

/**
 * A place in the feed that is of no use any more: events after it were missed. List the tasks again, then go on from `next`.
 */
export class FeedResetError extends TaskError {
  override readonly name: string = 'FeedResetError';
  /** `store_replaced`: it is not that store any more. `too_old`: more tasks have gone since than are told of. */
  readonly reset: 'store_replaced' | 'too_old';
  /** Where to go on, once the tasks were listed again. */
  readonly next: string;
  constructor(reset: FeedResetError['reset'], next: string) {
    const why = reset === 'too_old' ? 'more tasks have gone since than are told of' : 'the store is another one now';
    super('feed_reset', `the feed does not go on from there: ${why}; list the tasks again, then go on from ${next}`, {
      details: { reset, next },
    });
    this.reset = reset;
    this.next = next;
  }
}

/** The store cannot be opened, read or written. */
export class StoreError extends TaskError {
  override readonly name: string = 'StoreError';
  constructor(message: string, options: TaskErrorOptions = {}) {
    super('store', message, options);
  }
}

/** A stored value was made into something else by a codec that is not here, or that cannot read it. */
export class CodecError extends TaskError {
  override readonly name: string = 'CodecError';
  constructor(message: string, options: TaskErrorOptions = {}) {
    super('codec', message, options);
  }
}

/** Why the store refused, as a word: busy, full, gone, newer_schema, …; undefined for every other error. */
export function storeReason(error: unknown): unknown {
  if (!isTaskError(error) || error.code !== 'store') return undefined;
  return (error.details as { reason?: unknown } | undefined)?.reason;
}

/** Throw it in a recipe to fail the task at once, whatever `retries` says. */
export class NonRetryableError extends TaskError {
  override readonly name: string = 'NonRetryableError';
  readonly retryable = false;
  constructor(message: string, options: TaskErrorOptions = {}) {
    super('failed', message, options);
  }
}
