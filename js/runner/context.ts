import type { BackgroundTaskHandle } from '../wire/handle.ts';
import { submitChild } from './children.ts';
import type { Execution } from './execution.ts';
import { progress, say } from './facts.ts';
import type { Inner } from './inner.ts';
import { type InputAnswer, type InputQuestion, requestInput } from './requests.ts';
import type { ResultOf, SubmitOptions } from './spec.ts';
import { checkKey, step } from './steps.ts';

/** How a child is submitted by its parent. */
export interface ChildOptions extends SubmitOptions {
  /** A further attempt of the parent goes on with the child of that key instead of submitting another. */
  key?: string;
}

/** What a task's function is given. It may be kept; once the execution is over, what it says is not taken any more. */
export class TaskContext {
  readonly #inner: Inner;
  readonly #execution: Execution;

  constructor(inner: Inner, execution: Execution) {
    this.#inner = inner;
    this.#execution = execution;
  }

  get taskId(): string {
    return this.#inner.idOf(this.#execution.entry);
  }

  get name(): string {
    return this.#execution.entry.name;
  }

  /** The session that the task was submitted with. */
  get sessionId(): string | null {
    return this.#execution.entry.extra?.sessionId ?? null;
  }

  /** The task's own session, `bg:` and its id. */
  get taskSessionId(): string {
    return `bg:${this.taskId}`;
  }

  /** From 1. */
  get attempt(): number {
    return this.#execution.attempt;
  }

  /** What was given as `input`. */
  get input(): unknown {
    return this.#execution.entry.extra?.input;
  }

  /** What was given as `config`. */
  get config(): Record<string, unknown> {
    return this.#execution.entry.extra?.config ?? {};
  }

  /** Aborted by a cancel (reason: `TaskCancelledError`) and by a timeout (reason: an error named `TimeoutError`). */
  get signal(): AbortSignal {
    return this.#execution.signal;
  }

  /** Says how far the work is; the fraction is clamped to 0..1. */
  progress(fraction: number, message?: string): void {
    progress(this.#inner, this.#execution, fraction, message);
  }

  /** Adds a `log` event. */
  log(line: string): void {
    say(this.#inner, this.#execution, 'log', line);
  }

  /** Adds an `output` event with a value that JSON can carry. `SerializationError` for any other. */
  output(chunk: unknown): void {
    say(this.#inner, this.#execution, 'output', chunk);
  }

  /**
   * Runs `fn` once in the life of the task: a further attempt gets the value that the first one returned. An error is not
   * kept: the next attempt runs `fn` again.
   */
  step<T>(key: string, fn: () => T | PromiseLike<T>): Promise<T> {
    return step(this.#inner, this.#execution, key, fn);
  }

  /** A key that is the same in every attempt of this task and in no other task: for calls to services that take one. */
  idempotencyKey(key: string): string {
    return `${this.taskId}:${checkKey('key', key)}`;
  }

  /**
   * Asks a person. The slot is free and the timeout stands still until there is an answer; then the task goes on before
   * others of its priority. An answer `cancel` cancels the task, one that is too late fails it with `input_expired`.
   */
  requestInput(question: InputQuestion): Promise<InputAnswer> {
    return requestInput(this.#inner, this.#execution, question);
  }

  /**
   * Submits a child: it is cancelled with this task, and while this task awaits it, the child may run in its slot.
   * `ConflictError` once this task has ended.
   */
  submit<R>(fn: (ctx: TaskContext) => R, options?: ChildOptions): BackgroundTaskHandle<ResultOf<R>> {
    return submitChild(this.#inner, this.#execution, fn, options) as BackgroundTaskHandle<ResultOf<R>>;
  }
}
