import type { Answer, EventOptions, TaskEvent } from '../wire/event.ts';
import { type OutputOptions, type OutputStream, outputStream } from '../wire/output-stream.ts';
import type { Task, TaskStatus } from '../wire/task.ts';
import type { BackgroundTaskHandle, Duration, HandleWaitOptions } from '../wire/task-handle.ts';
import { cancel, cancelWith } from './cancel.ts';
import { type Entry, type Execution, type Extra, type Kept, LIVE } from './entry.ts';
import type { Inner } from './inner.ts';
import { respond } from './requests.ts';
import { taskOf } from './view.ts';
import { wait } from './wait.ts';

/** What nearly every cancel answers: a promise for each would cost more than the cancel. */
const TRUE = Promise.resolve(true);
const FALSE = Promise.resolve(false);

/** A terminal status, or that there is none, as a number of so many bits. */
const ENDED_BITS = 3;
const ENDED = (1 << ENDED_BITS) - 1;

const placed = (slot: number, status: number): number => (slot << ENDED_BITS) | (status + 1);

/**
 * A task of a runner. It answers also after the runner has dropped the task's record: it owns the outcome.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: what is merged into the class is defined in its static block
export class RunnerTaskHandle<Result = unknown> implements BackgroundTaskHandle<Result> {
  readonly #inner: Inner;
  readonly #name: string;
  /** Its entry in the engine, and `ended + 1` in the three bits below: one field less, a million times. */
  #place: number;
  /** @internal What an `Entry` has, as all below. */
  accessor order: number;
  /** @internal */
  accessor subject: unknown;
  /** @internal */
  accessor extra: Extra | undefined;
  /** `resolve` while somebody waits; `kept` from then on, unless it came before who waits was told. */
  #after: ((outcome: unknown) => void) | Kept | undefined = undefined;

  static {
    // An accessor cannot be optional.
    Object.defineProperty(RunnerTaskHandle.prototype, 'sessionId', {
      configurable: true,
      get(this: RunnerTaskHandle) {
        return this.task.extra?.sessionId;
      },
    });
  }

  /** @internal A runner makes them. */
  constructor(inner: Inner, slot: number, order: number, name: string, subject: unknown, extra: Extra | undefined) {
    this.#inner = inner;
    this.#place = placed(slot, LIVE);
    this.order = order;
    this.#name = name;
    this.subject = subject;
    this.extra = extra;
  }

  /** @internal */
  get slot(): number {
    return this.#place >> ENDED_BITS;
  }

  /** @internal */
  get ended(): number {
    return (this.#place & ENDED) - 1;
  }

  /** @internal */
  set ended(status: number) {
    this.#place = placed(this.slot, status);
  }

  /** @internal */
  get execution(): Execution | undefined {
    return this.extra?.execution;
  }

  /** @internal */
  set execution(execution: Execution | undefined) {
    if (this.extra !== undefined) this.extra.execution = execution;
    else if (execution !== undefined) this.extra = { execution };
  }

  /** @internal */
  get resolve(): ((outcome: unknown) => void) | undefined {
    const after = this.#after;
    return typeof after === 'function' ? after : undefined;
  }

  /** @internal */
  set resolve(resolve: ((outcome: unknown) => void) | undefined) {
    if (resolve !== undefined || typeof this.#after === 'function') this.#after = resolve;
  }

  /** @internal */
  get kept(): Kept | undefined {
    const after = this.#after;
    return after === undefined || typeof after === 'function' ? this.extra?.kept : after;
  }

  /** @internal */
  set kept(kept: Kept) {
    if (this.#after === undefined) this.#after = kept;
    else this.extra = { ...this.extra, kept };
  }

  /** @internal The entry that it is about: itself, but for a handle that somebody came to in another way. */
  get task(): Entry {
    return this;
  }

  /** `task_` and 32 hex digits. */
  get taskId(): string {
    return this.#inner.idOf(this.task);
  }

  /** The same as `taskId`. */
  get id(): string {
    return this.taskId;
  }

  /** What the submit called it. */
  get name(): string {
    return this.#name;
  }

  /** Empty for plain functions. */
  get recipeName(): string {
    return this.task.extra?.recipe ?? '';
  }

  /** `"bg:" + taskId`: the task's own session. */
  get taskSessionId(): string {
    return `bg:${this.taskId}`;
  }

  /** The task was there before, under the same key: the submit that answered with this added nothing. */
  get deduplicated(): boolean {
    return false;
  }

  /** Never rejects, also after the record was dropped. */
  async status(): Promise<TaskStatus> {
    return this.#inner.driver.statusOf(this.task);
  }

  /**
   * Resolves with the very value that the function returned. Rejects with `TaskFailedError`, whose `cause` is the very
   * object that was thrown, with `TaskCancelledError`, or with `WaitTimeoutError` when the time is over; the task runs on.
   */
  wait(timeout?: Duration | HandleWaitOptions): Promise<Result> {
    return wait(this.#inner, this.task, timeout) as Promise<Result>;
  }

  /** Cancels now. False when the task had ended. With `stopped` it resolves when the work has ended or was given up. */
  cancel(reason?: string, options?: { stopped?: boolean | undefined }): Promise<boolean> {
    if (reason !== undefined || options !== undefined) return cancelWith(this.#inner, this.task, reason, options);
    try {
      return cancel(this.#inner, this.task) ? TRUE : FALSE;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Everything that is known of the task now. */
  async snapshot(): Promise<Task<Result>> {
    return taskOf(this.#inner, this.task) as Task<Result>;
  }

  /** What happened to the task. `TaskNotFoundError` once its record was dropped. */
  events(options: EventOptions = {}): AsyncIterableIterator<TaskEvent> {
    return this.#inner.hub.of(this.task, options);
  }

  /** What the task puts out from now on, and what is kept of before; as the handle of a store's task. */
  stream<Chunk = unknown>(options: OutputOptions = {}): OutputStream<Chunk> {
    return outputStream(this, options);
  }

  /** Answers a request of the task. `ConflictError` when it is not open; then nothing changes. */
  respond(key: string, answer: Answer): Promise<void> {
    return respond(this.#inner, this.task, key, answer);
  }
}

// biome-ignore lint/correctness/noUnusedVariables: merged declarations have the same parameters
export interface RunnerTaskHandle<Result = unknown> {
  /** The session that the task was submitted with. */
  readonly sessionId?: string;
}

/** The handle of a task, which is its entry. */
export const handleOf = (entry: Entry): RunnerTaskHandle => entry as RunnerTaskHandle;
