import { invalid, WaitTimeoutError } from '../errors/index.ts';
import type { Answer, EventOptions, TaskEvent } from '../wire/event.ts';
import type { BackgroundTaskHandle, Duration, HandleWaitOptions } from '../wire/handle.ts';
import type { Task, TaskStatus } from '../wire/task.ts';
import { asParent } from './children.ts';
import { deferred, type Entry, LIVE } from './entry.ts';
import type { Execution } from './execution.ts';
import type { Inner } from './inner.ts';
import { respond } from './requests.ts';
import { waitMs } from './sleep.ts';
import { checkKeys, checkObject } from './spec.ts';
import { within } from './within.ts';

const WAIT_KEYS: Record<keyof HandleWaitOptions, true> = { timeout: true, signal: true };
const CANCEL_KEYS = { stopped: true };

/**
 * A task of a runner. It answers also after the runner has dropped the task's record: it owns the outcome.
 */
export class RunnerTaskHandle<Result = unknown> implements BackgroundTaskHandle<Result> {
  readonly #inner: Inner;
  readonly #entry: Entry;
  readonly #parent: Execution | undefined;
  readonly #deduplicated: boolean;

  constructor(inner: Inner, entry: Entry, parent?: Execution, deduplicated = false) {
    this.#inner = inner;
    this.#entry = entry;
    this.#parent = parent;
    this.#deduplicated = deduplicated;
  }

  get taskId(): string {
    return this.#inner.idOf(this.#entry);
  }

  /** The same as `taskId`. */
  get id(): string {
    return this.taskId;
  }

  get name(): string {
    return this.#entry.name;
  }

  /** Empty for plain functions. */
  get recipeName(): string {
    return this.#entry.extra?.recipe ?? '';
  }

  get sessionId(): string | undefined {
    return this.#entry.extra?.sessionId;
  }

  get taskSessionId(): string {
    return `bg:${this.taskId}`;
  }

  /** The task was there before, under the same key: the submit that answered with this added nothing. */
  get deduplicated(): boolean {
    return this.#deduplicated;
  }

  async status(): Promise<TaskStatus> {
    return this.#inner.driver.statusOf(this.#entry);
  }

  /**
   * Resolves with the very value that the function returned. Rejects with `TaskFailedError`, whose `cause` is the very
   * object that was thrown, with `TaskCancelledError`, or with `WaitTimeoutError` when the time is over; the task runs on.
   */
  wait(timeout?: Duration | HandleWaitOptions): Promise<Result> {
    const entry = this.#entry;
    // Who only looks once keeps its slot: it would have to wait for it.
    if (entry.ended === LIVE && this.#parent !== undefined && !looksOnce(timeout)) {
      return asParent(this.#inner, this.#parent, entry, () => this.#wait(timeout)) as Promise<Result>;
    }
    return this.#wait(timeout) as Promise<Result>;
  }

  #wait(limit: Duration | HandleWaitOptions | undefined): Promise<unknown> {
    const entry = this.#entry;
    if (limit === undefined) {
      if (entry.ended !== LIVE) return this.#inner.outcome(entry);
      if (entry.deferred === undefined) {
        entry.deferred = deferred();
        this.#inner.hold();
      }
      return entry.deferred.promise;
    }
    return this.#waitWithin(limit);
  }

  async #waitWithin(limit: Duration | HandleWaitOptions): Promise<unknown> {
    if (typeof limit !== 'number' && typeof limit !== 'string' && (typeof limit !== 'object' || limit === null)) {
      throw invalid('timeout', limit, 'seconds, a text such as "90s", or options');
    }
    if (typeof limit === 'object') checkKeys(limit, WAIT_KEYS);
    const { timeout, signal } = typeof limit === 'object' ? limit : { timeout: limit, signal: undefined };
    signal?.throwIfAborted();
    const ms = waitMs(timeout);
    const entry = this.#entry;
    const ended = await within(this.#inner, entry, () => entry.ended !== LIVE, ms, signal);
    if (!ended) throw new WaitTimeoutError(this.taskId, timeout ?? 0);
    return this.#inner.outcome(entry);
  }

  /** Cancels now. False when the task had ended. With `stopped` it resolves when the work has ended or was given up. */
  async cancel(reason?: string, options?: { stopped?: boolean }): Promise<boolean> {
    if (reason !== undefined && typeof reason !== 'string') throw invalid('reason', reason, 'a text');
    if (options !== undefined) checkObject('options', options, CANCEL_KEYS);
    const entry = this.#entry;
    const cancelled = this.#inner.cancel(entry, reason);
    const over = (): boolean => entry.ended !== LIVE && entry.execution === undefined;
    if (options?.stopped) await within(this.#inner, entry, over, Number.POSITIVE_INFINITY);
    return cancelled;
  }

  async snapshot(): Promise<Task<Result>> {
    return this.#inner.task(this.#entry) as Task<Result>;
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

function looksOnce(limit: Duration | HandleWaitOptions | undefined): boolean {
  return limit === 0 || (typeof limit === 'object' && limit?.timeout === 0);
}
