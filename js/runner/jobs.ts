import { seconds } from '../core/options.ts';
import { seconds as parse } from '../core/runner.ts';
import { InvalidArgumentError, invalid } from '../errors/index.ts';
import { type Task, TaskStatus } from '../wire/task.ts';
import type { Duration } from '../wire/task-handle.ts';
import { cancel } from './cancel.ts';
import { RUNNER_KEYS, type RunnerOptions } from './options.ts';
import { errorOf } from './outcome.ts';
import type { RunOrBackground, Yield } from './run-or-background.ts';
import { BackgroundRunner, innerOf } from './runner.ts';
import { type ArgsOptions, checkObject, type ResultOf, type SubmitOptions } from './spec.ts';
import type { TaskContext } from './task-context.ts';

/** A job's statuses by name, which are those of a task. */
export const JobStatus = TaskStatus;
export type JobStatus = TaskStatus;

/** How a manager works: the options of the runner that it makes, or a runner that there is. */
export interface JobManagerOptions extends Omit<RunnerOptions, 'yieldMs'> {
  /** How long `runOrBackground` waits for a result before the job goes on in the background. Default 5 s. */
  autoBackgroundThreshold?: Duration | undefined;
  /** Default: one of its own. Not together with options of a runner. */
  runner?: BackgroundRunner | undefined;
}

/** `yieldMs` is told of by name: it is an option of runners. */
const KEYS: Record<keyof JobManagerOptions | 'yieldMs', true> = {
  ...RUNNER_KEYS,
  autoBackgroundThreshold: true,
  runner: true,
};

/**
 * Jobs by id, asked for without waiting: other names for what a `BackgroundRunner` does.
 *
 * The ids are task ids, and jobs and tasks are the same thing: what is submitted to the runner is listed here too. An
 * ended job is dropped when the runner drops its task, an hour after its end by default; from then on its id is a
 * `TaskNotFoundError`. `runner.handle(id).wait()` waits.
 */
export class BackgroundJobManager {
  /** What runs the jobs; `runner.stop()` ends it. */
  readonly runner: BackgroundRunner;
  readonly #yieldMs: number;

  /** `InvalidArgumentError` names an option that cannot be used. */
  constructor(options: JobManagerOptions = {}) {
    checkObject('options', options, KEYS);
    const { autoBackgroundThreshold = 5, runner, ...rest } = options;
    this.#yieldMs = seconds(autoBackgroundThreshold, 'autoBackgroundThreshold', parse) * 1000;
    const { yieldMs } = rest as RunnerOptions;
    if (yieldMs !== undefined) throw invalid('yieldMs', yieldMs, 'autoBackgroundThreshold instead, in seconds');
    this.runner =
      runner === undefined ? new BackgroundRunner({ ...rest, yieldMs: this.#yieldMs }) : given(runner, rest);
  }

  /** Starts a job and answers with its id. Options and errors are those of `runner.submit`. */
  startJob<A extends readonly unknown[]>(fn: (...args: A) => unknown, options: ArgsOptions<A>): string;
  startJob(fn: (ctx: TaskContext) => unknown, options?: SubmitOptions): string;
  startJob(fn: (ctx: TaskContext) => unknown, options?: SubmitOptions): string {
    return this.runner.submit(fn, options).id;
  }

  /**
   * Starts a job and waits `autoBackgroundThreshold` for its result; what takes longer goes on in the background, and
   * `task.id` is its id. Rejects when the job fails in that time.
   */
  runOrBackground<R>(
    fn: (ctx: TaskContext) => R,
    options: SubmitOptions & Yield = {},
  ): Promise<RunOrBackground<ResultOf<R>>> {
    const yieldMs = options?.yieldMs === undefined ? this.#yieldMs : options.yieldMs;
    return this.runner.runOrBackground(fn, { ...options, yieldMs });
  }

  /** Where the job is in its life, now. `TaskNotFoundError` for an id that there is not, here and below. */
  getStatus(id: string): TaskStatus {
    const inner = innerOf(this.runner);
    return inner.driver.statusOf(inner.find(id));
  }

  /** What a completed job resulted in, by reference. Undefined while it lives, and when it failed or was cancelled. */
  getResult<R = unknown>(id: string): R | undefined {
    const inner = innerOf(this.runner);
    const entry = inner.find(id);
    return inner.isCompleted(entry) ? (entry.subject as R) : undefined;
  }

  /**
   * What waiting for the job rejects with: `TaskFailedError`, whose `cause` is the very object that was thrown, or
   * `TaskCancelledError`. Undefined while it lives and when it has completed.
   */
  getError(id: string): Error | undefined {
    const inner = innerOf(this.runner);
    const entry = inner.find(id);
    const status = inner.driver.statusOf(entry);
    return status === 'failed' || status === 'cancelled' ? errorOf(inner, entry) : undefined;
  }

  /** Every job by its id, in the order of creation, as it is now; later changes do not reach the map. */
  listJobs(): Map<string, Task> {
    return new Map(this.runner.tasks.map((task) => [task.taskId, task]));
  }

  /** Cancels now; false when the job had ended. */
  cancelJob(id: string, reason?: string): boolean {
    if (reason !== undefined && typeof reason !== 'string') throw invalid('reason', reason, 'a text');
    const inner = innerOf(this.runner);
    return cancel(inner, inner.find(id), reason);
  }
}

function given(runner: unknown, rest: RunnerOptions): BackgroundRunner {
  if (!(runner instanceof BackgroundRunner)) throw invalid('runner', runner, 'a BackgroundRunner');
  const [option] = Object.entries(rest).find(([, value]) => value !== undefined) ?? [];
  if (option === undefined) return runner;
  throw new InvalidArgumentError(`${option}: is an option of a new runner; give it to the runner that was given`, {
    option,
  });
}
