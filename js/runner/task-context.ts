import { checkKey, checkNoMore } from '../wire/check.ts';
import type { AbortSignal } from '../wire/globals.ts';
import { NOTE, type Note, USED } from '../wire/note.ts';
import { toldProgress } from '../wire/progress.ts';
import type { BackgroundTaskHandle } from '../wire/task-handle.ts';
import type { StoredUsage, UsageFact } from '../wire/usage.ts';
import { type ChildOptions, submitChild } from './children.ts';
import { type Entry, type Execution, executionOf, type Work } from './entry.ts';
import { note, progress, say, use } from './facts.ts';
import type { Inner } from './inner.ts';
import type { RecipeArguments, RunnableRecipe } from './recipe.ts';
import { type InputAnswer, type InputQuestion, requestInput } from './requests.ts';
import type { ArgsOptions, InputOptions, ResultOf } from './spec.ts';
import { step } from './steps.ts';
import { recordOf } from './view.ts';

/**
 * What a task's function is given. It may be kept, and taken apart: `({ signal, progress }) => …`. Once the execution is
 * over, what it says is not taken any more. Its end waits for steps that were not awaited; what fails of them is logged.
 */
export class TaskContext<Input = unknown> {
  readonly #inner: Inner;
  readonly #entry: Entry;
  #known: Execution | undefined;

  /** @internal A runner makes them. */
  constructor(inner: Inner, entry: Entry) {
    this.#inner = inner;
    this.#entry = entry;
    this.#known = entry.execution;
  }

  get #execution(): Execution {
    this.#known ??= executionOf(this.#entry);
    return this.#known;
  }

  /** `task_` and 32 hex digits. */
  get taskId(): string {
    return this.#inner.idOf(this.#entry);
  }

  /** What the submit called it. */
  get name(): string {
    return this.#entry.name;
  }

  /** The session that the task was submitted with. */
  get sessionId(): string | null {
    return this.#entry.extra?.sessionId ?? null;
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
  get input(): Input {
    return this.#entry.extra?.input as Input;
  }

  /** That of the recipe; `"1"` of a function. */
  get version(): string {
    return this.#entry.extra?.version ?? '1';
  }

  /** What was given as `config`. */
  get config(): Record<string, unknown> {
    return this.#entry.extra?.config ?? {};
  }

  /** Aborted by a cancel (reason: `TaskCancelledError`) and by a timeout (reason: an error named `TimeoutError`). */
  get signal(): AbortSignal {
    return this.#execution.signal;
  }

  /**
   * Says how far the work is; the fraction is clamped to 0..1. `data`: what programs are to know, up to 16 KiB of JSON, in
   * place of what was told before in this attempt. What is left out stays, but for the message of another fraction.
   */
  get progress(): (fraction?: number, message?: string, data?: unknown) => void {
    return (fraction, message, data) => progress(this.#inner, this.#execution, toldProgress(fraction, message, data));
  }

  /**
   * Adds to what the task has used of models, over all attempts; what is not known is left out. `InvalidArgumentError` for
   * what is no count.
   */
  get usage(): (used: UsageFact) => void {
    return (used) => use(this.#inner, this.#execution, used);
  }

  /** @internal What our own agents tell beside that. */
  get [NOTE](): (told: Note) => void {
    return (told) => note(this.#inner, this.#execution, told);
  }

  /** @internal What the task has used of models so far. */
  get [USED](): StoredUsage | undefined {
    return recordOf(this.#inner, this.#entry).usage ?? undefined;
  }

  /** Adds a `log` event. */
  get log(): (line: string) => void {
    return (line) => say(this.#inner, this.#execution, 'log', line);
  }

  /** Adds an `output` event with a value that JSON can carry. `SerializationError` for any other. */
  get output(): (chunk: unknown) => void {
    return (chunk) => say(this.#inner, this.#execution, 'output', chunk);
  }

  /**
   * Runs `fn` once in the life of the task: a further attempt gets the value that the first one returned. An error is not
   * kept: the next attempt runs `fn` again.
   */
  get step(): <T>(key: string, fn: () => T | PromiseLike<T>) => Promise<T> {
    return (key, fn, ...more: unknown[]) => {
      checkNoMore('step', more);
      return this.#execution.ask(`step '${key}'`, step(this.#inner, this.#execution, key, fn));
    };
  }

  /** A key that is the same in every attempt of this task and in no other task: for calls to services that take one. */
  get idempotencyKey(): (key: string) => string {
    return (key) => `${this.taskId}:${checkKey('key', key)}`;
  }

  /**
   * Asks a person. The slot is free and the timeout stands still until there is an answer; then the task goes on before
   * others of its priority. An answer `cancel` cancels the task, one that is too late fails it with `input_expired`.
   */
  get requestInput(): (question: InputQuestion) => Promise<InputAnswer> {
    // It was asked when this returns; an end does not wait for a person.
    return (question) =>
      this.#execution.ask('requestInput', requestInput(this.#inner, this.#execution, question), Promise.resolve());
  }

  /**
   * Submits a child: it is cancelled with this task, and while this task awaits it, the child may run in its slot. While
   * several are awaited at once the slot is lent until the last of them has ended: after a `Promise.race` this task goes
   * on without one. `ConflictError` once this task has ended.
   */
  get submit(): SubmitChild {
    return (work: unknown, options?: ChildOptions) =>
      submitChild(this.#inner, this.#execution, work as Work, options) as BackgroundTaskHandle<never>;
  }
}

/** The ways to submit a child. */
export interface SubmitChild {
  <R, A extends readonly unknown[]>(
    fn: (...args: A) => R,
    options: ChildOptions & ArgsOptions<A>,
  ): BackgroundTaskHandle<ResultOf<R>>;
  <R, I>(fn: (ctx: TaskContext<I>) => R, options: ChildOptions & InputOptions<I>): BackgroundTaskHandle<ResultOf<R>>;
  <R>(fn: (ctx: TaskContext) => R, options?: ChildOptions): BackgroundTaskHandle<ResultOf<R>>;
  <I, O>(
    recipe: RunnableRecipe<I, O>,
    ...options: RecipeArguments<I, { key?: string | undefined }>
  ): BackgroundTaskHandle<O>;
}
