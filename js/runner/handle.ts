import { invalid, WaitTimeoutError } from '../errors/index.ts';
import type { Answer, EventOptions, TaskEvent } from '../wire/event.ts';
import type { Task, TaskStatus } from '../wire/task.ts';
import type { BackgroundTaskHandle, Duration, HandleWaitOptions } from '../wire/task-handle.ts';
import { cancel } from './cancel.ts';
import { type Entry, type Execution, LIVE } from './entry.ts';
import type { Inner } from './inner.ts';
import { asParent } from './lend.ts';
import { outcome } from './outcome.ts';
import { respond } from './requests.ts';
import { waitMs } from './sleep.ts';
import { checkKeys, checkObject } from './spec.ts';
import { taskOf } from './view.ts';
import { within } from './within.ts';

const WAIT_KEYS: Record<keyof HandleWaitOptions, true> = { timeout: true, signal: true };
const CANCEL_KEYS = { stopped: true };

/** How somebody came to a handle. */
interface Origin {
  /** The execution whose child the task is. */
  readonly parent: Execution | undefined;
  readonly deduplicated: boolean;
}

const ORDINARY: Origin = { parent: undefined, deduplicated: false };

/** What nearly every cancel answers: a promise for each would cost more than the cancel. */
const TRUE = Promise.resolve(true);
const FALSE = Promise.resolve(false);

/**
 * A task of a runner. It answers also after the runner has dropped the task's record: it owns the outcome.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: what is merged into the class is defined in its static block
export class RunnerTaskHandle<Result = unknown> implements BackgroundTaskHandle<Result> {
  readonly #inner: Inner;
  readonly #entry: Entry;
  readonly #origin: Origin;

  static {
    // An accessor cannot be optional.
    Object.defineProperty(RunnerTaskHandle.prototype, 'sessionId', {
      configurable: true,
      get(this: RunnerTaskHandle) {
        return this.#entry.extra?.sessionId;
      },
    });
  }

  /** @internal A runner makes them. */
  constructor(inner: Inner, entry: Entry, origin: Origin = ORDINARY) {
    this.#inner = inner;
    this.#entry = entry;
    this.#origin = origin;
  }

  /** `task_` and 32 hex digits. */
  get taskId(): string {
    return this.#inner.idOf(this.#entry);
  }

  /** The same as `taskId`. */
  get id(): string {
    return this.taskId;
  }

  /** What the submit called it. */
  get name(): string {
    return this.#entry.name;
  }

  /** Empty for plain functions. */
  get recipeName(): string {
    return this.#entry.extra?.recipe ?? '';
  }

  /** `"bg:" + taskId`: the task's own session. */
  get taskSessionId(): string {
    return `bg:${this.taskId}`;
  }

  /** The task was there before, under the same key: the submit that answered with this added nothing. */
  get deduplicated(): boolean {
    return this.#origin.deduplicated;
  }

  /** Never rejects, also after the record was dropped. */
  async status(): Promise<TaskStatus> {
    return this.#inner.driver.statusOf(this.#entry);
  }

  /**
   * Resolves with the very value that the function returned. Rejects with `TaskFailedError`, whose `cause` is the very
   * object that was thrown, with `TaskCancelledError`, or with `WaitTimeoutError` when the time is over; the task runs on.
   */
  wait(timeout?: Duration | HandleWaitOptions): Promise<Result> {
    const inner = this.#inner;
    const entry = this.#entry;
    const { parent } = this.#origin;
    // Who only looks once keeps its slot: it would have to wait for it.
    if (parent !== undefined && entry.ended === LIVE && !looksOnce(timeout)) {
      return asParent(inner, parent, entry, () => wait(inner, entry, timeout)) as Promise<Result>;
    }
    return wait(inner, entry, timeout) as Promise<Result>;
  }

  /** Cancels now. False when the task had ended. With `stopped` it resolves when the work has ended or was given up. */
  cancel(reason?: string, options?: { stopped?: boolean | undefined }): Promise<boolean> {
    if (reason !== undefined || options !== undefined) return cancelWith(this.#inner, this.#entry, reason, options);
    try {
      return cancel(this.#inner, this.#entry) ? TRUE : FALSE;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Everything that is known of the task now. */
  async snapshot(): Promise<Task<Result>> {
    return taskOf(this.#inner, this.#entry) as Task<Result>;
  }

  /** What happened to the task. `TaskNotFoundError` once its record was dropped. */
  events(options: EventOptions = {}): AsyncIterableIterator<TaskEvent> {
    return this.#inner.hub.of(this.#entry, options);
  }

  /** Answers a request of the task. `ConflictError` when it is not open; then nothing changes. */
  respond(key: string, answer: Answer): Promise<void> {
    return respond(this.#inner, this.#entry, key, answer);
  }
}

// biome-ignore lint/correctness/noUnusedVariables: merged declarations have the same parameters
export interface RunnerTaskHandle<Result = unknown> {
  /** The session that the task was submitted with. */
  readonly sessionId?: string;
}

function wait(inner: Inner, entry: Entry, limit: Duration | HandleWaitOptions | undefined): Promise<unknown> {
  if (limit !== undefined) return waitWithin(inner, entry, limit);
  if (entry.ended !== LIVE) return outcome(inner, entry);
  if (entry.promise === undefined) inner.hold();
  return entry.awaited();
}

async function waitWithin(inner: Inner, entry: Entry, limit: Duration | HandleWaitOptions): Promise<unknown> {
  if (typeof limit !== 'number' && typeof limit !== 'string' && (typeof limit !== 'object' || limit === null)) {
    throw invalid('timeout', limit, 'seconds, a text such as "90s", or options');
  }
  if (typeof limit === 'object') checkKeys(limit, WAIT_KEYS);
  const { timeout, signal } = typeof limit === 'object' ? limit : { timeout: limit, signal: undefined };
  signal?.throwIfAborted();
  const ms = waitMs(timeout);
  const ended = await within(inner, entry, () => entry.ended !== LIVE, ms, signal);
  if (!ended) throw new WaitTimeoutError(inner.idOf(entry), timeout ?? 0);
  return outcome(inner, entry);
}

async function cancelWith(
  inner: Inner,
  entry: Entry,
  reason: string | undefined,
  options: { stopped?: boolean | undefined } | undefined,
): Promise<boolean> {
  if (reason !== undefined && typeof reason !== 'string') throw invalid('reason', reason, 'a text');
  if (options !== undefined) checkObject('options', options, CANCEL_KEYS);
  const cancelled = cancel(inner, entry, reason);
  const over = (): boolean => entry.ended !== LIVE && entry.execution === undefined;
  if (options?.stopped) await within(inner, entry, over, Number.POSITIVE_INFINITY);
  return cancelled;
}

function looksOnce(limit: Duration | HandleWaitOptions | undefined): boolean {
  return limit === 0 || (typeof limit === 'object' && limit?.timeout === 0);
}
