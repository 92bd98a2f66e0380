import type { Answer, EventOptions, TaskEvent } from './event.ts';
import type { AbortSignal } from './globals.ts';
import type { OutputOptions, OutputStream } from './output-stream.ts';
import type { Task, TaskStatus } from './task.ts';

/** Seconds, or a text such as `"90s"`, `"30m"`, `"2h"`. */
export type Duration = number | string;

/** How long to wait, and what ends the wait early. */
export interface HandleWaitOptions {
  /** Seconds or a text such as `"90s"`. Default: no limit. 0 looks once. */
  timeout?: Duration | undefined;
  /** Aborting it rejects the wait with the signal's reason; the task runs on. */
  signal?: AbortSignal | undefined;
}

/**
 * One background task, wherever it runs. A handle is not thenable: `await handle` gives the handle, `handle.wait()` the
 * result. It holds no connection and keeps no process alive.
 */
export interface BackgroundTaskHandle<Result = unknown> {
  /** `task_` and 32 hex digits. */
  readonly taskId: string;
  /** The same as `taskId`. */
  readonly id: string;
  /** Empty for a handle made from an id alone. */
  readonly name: string;
  /** Empty for plain functions, and for a handle made from an id alone. */
  readonly recipeName: string;
  /** Absent in a handle made from an id alone. */
  readonly sessionId?: string;
  /** `"bg:" + taskId`: the task's own session, apart from every other. */
  readonly taskSessionId: string;
  /** The task was there before, under the same key: the submit that answered with this added nothing. */
  readonly deduplicated: boolean;
  /** Never throws because a task failed. */
  status(): Promise<TaskStatus>;
  /**
   * Resolves with the result. Rejects with `RecipeError` or `TaskFailedError` when the task failed, `TaskCancelledError`
   * when it was cancelled, `WaitTimeoutError` (name `TimeoutError`) when the time is over; then the task runs on.
   */
  wait(timeout?: Duration | HandleWaitOptions): Promise<Result>;
  /** False when the task was terminal already. With `stopped` it resolves when the work has really ended. */
  cancel(reason?: string, options?: { stopped?: boolean | undefined }): Promise<boolean>;
  /** Everything that is known of the task now. */
  snapshot(): Promise<Task<Result>>;
  /**
   * What happened to the task, in order. With `follow` it goes on until the task has ended and its work has stopped or
   * was given up. `TaskNotFoundError` when its record was dropped.
   */
  events(options?: EventOptions): AsyncIterable<TaskEvent>;
  /** What the task puts out (`ctx.output`, the text of an agent), from the chunk behind `after` on, until it has ended. */
  stream<Chunk = unknown>(options?: OutputOptions): OutputStream<Chunk>;
  /**
   * Answers a request of the task. `ConflictError` when it is not open: it was answered before, has expired, or there is
   * none of this key. `InvalidArgumentError` when the content does not have the form that was asked for. Nothing changes
   * then.
   */
  respond(key: string, answer: Answer): Promise<void>;
}
