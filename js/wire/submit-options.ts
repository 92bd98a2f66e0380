/** How a task is run: what a function in a runner, and a child of a task, are submitted with. */
import type { AbortSignal } from './globals.ts';
import type { OnConflict, OnLost, Task } from './task.ts';
import type { Duration } from './task-handle.ts';

/** How long to wait between attempts. */
export interface Backoff {
  /** Seconds before the second attempt. Default 1. */
  initial?: number | undefined;
  /** Seconds at most. Default 60. */
  max?: number | undefined;
  /** What each wait is multiplied by for the next. Default 2. */
  factor?: number | undefined;
  /** The share of a wait that is random, from 0 to 1. Default 0.5. */
  jitter?: number | undefined;
}

/** How to run one function. */
export interface SubmitOptions {
  /** At most 200 characters. Default: the function's name, else `"task"`. */
  name?: string | undefined;
  /** Run time of one attempt; 0, null and Infinity mean none. Default: the runner's `defaultTimeout`. */
  timeout?: Duration | null | undefined;
  /** The same as `timeout`. */
  timeoutSec?: Duration | null | undefined;
  /** Higher first: `low` -10, `normal` 0, `high` 10, `critical` 20, or a whole number. */
  priority?: number | string | undefined;
  /** Tasks of one session know each other; see `onConflict`. Default: none. */
  sessionId?: string | undefined;
  /** What becomes of live tasks of the same session. Default `'parallel'`. */
  onConflict?: OnConflict | undefined;
  /** Further attempts after a failure or a timeout. Default 0. */
  retries?: number | undefined;
  /** Wait between attempts. Default: 1 to 60 seconds, doubled each time, half of it random. */
  backoff?: Backoff | undefined;
  /** Do not start before this much time has passed. Infinity is a hundred years. */
  delay?: Duration | undefined;
  /** Do not start before this moment. Not together with `delay`. */
  runAt?: Date | string | number | undefined;
  /** How long it may wait to start once it is due; then it fails with `expired`. Default: for ever. */
  ttl?: Duration | undefined;
  /**
   * While a task of the same key lives or has completed, a submit returns that task, with `deduplicated: true`, and adds
   * nothing: neither its callbacks nor its signal. `ConflictError` when `input`, `config` or `args` differ.
   */
  idempotencyKey?: string | undefined;
  /** The function gets it as `ctx.input`. */
  input?: unknown;
  /** The function gets it as `ctx.config`. */
  config?: Record<string, unknown> | undefined;
  /** Kept with the task; JSON of at most 64 KiB. */
  metadata?: Record<string, unknown> | undefined;
  /** Kept with the task; a runner's tasks are never lost while its process lives. */
  onLost?: OnLost | undefined;
  /** Aborting it cancels the task. */
  signal?: AbortSignal | undefined;
  /** Called once, when the task has ended in any way. */
  onComplete?: ((task: Task) => void) | undefined;
  /** Called with what the function tells by `ctx.progress`. */
  onProgress?: ((fraction: number, message?: string, data?: unknown) => void) | undefined;
}

/** Every part of a backoff. */
export const BACKOFF_KEYS: Record<keyof Backoff, true> = { initial: true, max: true, factor: true, jitter: true };

/** What a task can be told whatever runs it. */
export const TASK_KEYS = {
  name: true,
  timeout: true,
  priority: true,
  sessionId: true,
  onConflict: true,
  retries: true,
  backoff: true,
  delay: true,
  runAt: true,
  ttl: true,
  idempotencyKey: true,
  input: true,
  config: true,
  metadata: true,
  onLost: true,
} as const satisfies Partial<Record<keyof SubmitOptions, true>>;
