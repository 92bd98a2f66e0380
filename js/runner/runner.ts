import { clocks } from '#platform';
import type { Platform } from '../platform/types.ts';
import type { EventKind, TaskEvent } from '../wire/event.ts';
import type { AbortSignal, AsyncDisposing, URL } from '../wire/globals.ts';
import { isMarkedRecipe } from '../wire/recipe-mark.ts';
import type { Task } from '../wire/task.ts';
import type { Duration, HandleWaitOptions } from '../wire/task-handle.ts';
import { isText } from '../wire/text.ts';
import { type Agent, agentWork, inputOfPrompt, type SubmitAgentOptions } from './agent.ts';
import { cancelAll, clear, type RunnerClearFilter, type StopOptions, stop } from './end.ts';
import type { Work } from './entry.ts';
import { shapesOf, TaskExecutor } from './executor.ts';
import type { AgentPrompt } from './frameworks/index.ts';
import type { Listener } from './hub.ts';
import { Inner } from './inner.ts';
import { list, type RunnerListFilter, type RunnerSummary, type RunnerTaskList, summary, tasksWhere } from './list.ts';
import { concurrency, type RunnerOptions, settings } from './options.ts';
import type { RecipeArguments, RunnableRecipe } from './recipe.ts';
import { onRoom, waitAll } from './rest.ts';
import { type RunOrBackground, runOrBackground, type Yield } from './run-or-background.ts';
import { handleOf, type RunnerTaskHandle } from './runner-handle.ts';
import {
  type ArgsOptions,
  checkObject,
  type InputOptions,
  named,
  type ResultOf,
  SUBMIT_KEYS,
  type SubmitOptions,
} from './spec.ts';
import { submit } from './submit.ts';
import { type HandlesOf, type Submission, submitMany } from './submit-many.ts';
import type { TaskContext } from './task-context.ts';
import { submitThread, type ThreadOptions } from './thread.ts';
import { taskOf } from './view.ts';

/**
 * A runner that does nothing, and what comes and goes with tasks. V8 forgets what objects look like when none of them is left,
 * and all code that it has made for them: each pause would end in a cold start.
 */
let kept: object[] | undefined;

/** What a runner is made of, for the other classes of this room. */
export let innerOf: (runner: BackgroundRunner) => Inner;

/**
 * Runs functions in the background of this process: so many at once, the others wait in their order.
 *
 * It keeps no files and knows of no other process. A live task keeps the process alive, an idle runner does not. A failed
 * task that nobody waits for is no unhandled rejection. Every method may be called inside every callback.
 *
 * Functions run on this thread: one that blocks it blocks everything, and a function that ignores its signal cannot be
 * stopped, only given up after `killGrace` (`abandoned`). `submitThread` is for such work.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the class has what is merged into it
export class BackgroundRunner {
  readonly #inner: Inner;

  static {
    innerOf = (runner) => runner.#inner;
  }

  /** `InvalidArgumentError` names an option that cannot be used. `platform` is for tests: clocks and timers. */
  constructor(options: RunnerOptions = {}, platform: Platform = clocks) {
    this.#inner = new Inner(settings(options), platform, (inner) => new TaskExecutor(inner));
    if (kept !== undefined) return;
    kept = [];
    const idle = new BackgroundRunner();
    kept.push(idle, ...shapesOf(idle.#inner));
  }

  /**
   * Submits a function; the handle is there at once, and the function is not called before the code that submits it has
   * returned. Throws `QueueFullError`, `ConflictError` and `InvalidArgumentError` at once; nothing was submitted then.
   *
   * The result is what the function returns or resolves with, by reference. An async iterable is read to its end: each item
   * is an `output` event, the result is what it returned, else the items.
   *
   * A recipe of `defineRecipe` can be submitted, too: its input goes through its schema, then `run`, then the result through
   * its schema. What does not fit fails the task; a failed recipe rejects with `RecipeError`.
   */
  submit<R, A extends readonly unknown[]>(
    fn: (...args: A) => R,
    options: ArgsOptions<A>,
  ): RunnerTaskHandle<ResultOf<R>>;
  submit<R, I>(fn: (ctx: TaskContext<I>) => R, options: InputOptions<I>): RunnerTaskHandle<ResultOf<R>>;
  submit<R>(fn: (ctx: TaskContext) => R, options?: SubmitOptions): RunnerTaskHandle<ResultOf<R>>;
  submit<I, O>(recipe: RunnableRecipe<I, O>, ...options: RecipeArguments<I>): RunnerTaskHandle<O>;
  submit(work: unknown, options?: SubmitOptions): RunnerTaskHandle<unknown> {
    return submit(this.#inner, work as Work, options);
  }

  /** Submits all or none. */
  submitMany<const S extends readonly Submission<unknown>[]>(submissions: S): HandlesOf<S> {
    return submitMany(this.#inner, submissions) as HandlesOf<S>;
  }

  /**
   * Submits a call of an agent. Agents of the AI SDK, LangChain, LangGraph, Mastra, `@openai/agents` and the Claude Agent SDK
   * are known by their shape: their text is put out as they write it, and their tools that want approval ask a person. Of any
   * other its `start`, else `chat`, `run` or `execute`, or the agent itself if it is a function, is called with the prompt and
   * `{ signal }`. `InvalidArgumentError` when there is none of these; `MissingDependencyError` for an agent of
   * `@openai/agents` without that package's `run`. A recipe, as `defineAgent` makes it, is submitted with the input `{ prompt, input }`,
   * both the prompt.
   */
  submitAgent(
    agent: Agent | Pick<RunnableRecipe, 'name' | 'run'>,
    prompt: AgentPrompt,
    options?: SubmitAgentOptions,
  ): RunnerTaskHandle<unknown> {
    if (options !== undefined) checkObject('options', options, AGENT_KEYS);
    const { run, ...others } = options ?? {};
    if (isMarkedRecipe(agent))
      return submit(this.#inner, agent as Work, { ...others, input: inputOfPrompt(prompt, run) });
    return submit(this.#inner, agentWork(agent as Agent, prompt, run), named(others, nameOf(agent as Agent)));
  }

  /**
   * Submits a call of a module's default export, in a thread of its own. A cancel ends the thread, whatever it does; native
   * calls that block and processes that it started are not stopped. A thread is used again after a call that ended by
   * itself, so what a module keeps in variables may be seen by the next call.
   *
   * `module` is a `file:` URL, or a path: absolute, or from the working folder with `./` or `../`. Arguments and result are
   * copied as `structuredClone` does it, the arguments now; an error keeps its name, message, code, stack and cause.
   *
   * Needs the package `piscina`: `MissingDependencyError` says how to install it, and nothing was submitted. In a browser it is
   * refused with `RecipePolicyError`.
   */
  submitThread<R = unknown>(
    module: URL | string,
    args?: readonly unknown[],
    options?: ThreadOptions,
  ): RunnerTaskHandle<R> {
    return submitThread(this.#inner, module, args, options) as RunnerTaskHandle<R>;
  }

  /** Waits `yieldMs` for the result; what takes longer goes on in the background. Rejects when it fails in that time. */
  runOrBackground<R, A extends readonly unknown[]>(
    fn: (...args: A) => R,
    options: ArgsOptions<A> & Yield,
  ): Promise<RunOrBackground<ResultOf<R>>>;
  runOrBackground<R, I>(
    fn: (ctx: TaskContext<I>) => R,
    options: InputOptions<I> & Yield,
  ): Promise<RunOrBackground<ResultOf<R>>>;
  runOrBackground<R>(
    fn: (ctx: TaskContext) => R,
    options?: SubmitOptions & Yield,
  ): Promise<RunOrBackground<ResultOf<R>>>;
  runOrBackground<I, O>(
    recipe: RunnableRecipe<I, O>,
    ...options: RecipeArguments<I, Yield>
  ): Promise<RunOrBackground<O>>;
  runOrBackground(work: unknown, options: SubmitOptions & Yield = {}): Promise<RunOrBackground<unknown>> {
    return runOrBackground(this.#inner, work as Work, options);
  }

  /** The handle of a task. `TaskNotFoundError` when there is none of that id, or it was dropped. */
  handle<R = unknown>(id: string): RunnerTaskHandle<R> {
    return handleOf(this.#inner.find(id)) as RunnerTaskHandle<R>;
  }

  /** A task as it is now; undefined when there is none of that id, or it was dropped. */
  get(id: string): Task | undefined {
    const entry = this.#inner.ids.get(id);
    return entry && taskOf(this.#inner, entry);
  }

  /** All tasks that were not dropped, in the order of creation. */
  get tasks(): Task[] {
    return tasksWhere(this.#inner, () => true);
  }

  /** Those that hold a slot now. */
  get runningTasks(): Task[] {
    return tasksWhere(this.#inner, (status) => status === 'running');
  }

  /** Those that wait to start: queued, delayed, backing off, or behind their session. */
  get pendingTasks(): Task[] {
    return tasksWhere(this.#inner, (status) => status === 'pending');
  }

  /** A page of the tasks, newest first. */
  list(filter: RunnerListFilter = {}): RunnerTaskList {
    return list(this.#inner, filter);
  }

  /** How many tasks there are and were; ended ones count on after they were dropped. */
  summary(): RunnerSummary {
    return summary(this.#inner);
  }

  /** `handle(id).wait(timeout)`. */
  async waitForTask<R = unknown>(id: string, timeout?: Duration | HandleWaitOptions): Promise<R> {
    return this.handle<R>(id).wait(timeout);
  }

  /** Resolves with the summary when all tasks have ended. `WaitTimeoutError` when the time is over; they run on. */
  waitAll(timeout?: Duration): Promise<RunnerSummary> {
    return waitAll(this.#inner, timeout);
  }

  /** Resolves when fewer than `n` tasks wait to start. */
  onRoom(n: number): Promise<void> {
    return onRoom(this.#inner, n);
  }

  /** `handle(id).cancel(reason)`. */
  async cancel(id: string, reason?: string): Promise<boolean> {
    return this.handle(id).cancel(reason);
  }

  /** Cancels every live task; answers how many. */
  cancelAll(reason?: string): number {
    return cancelAll(this.#inner, reason);
  }

  /** Drops every ended task; answers how many. Handles answer all the same. */
  clearCompleted(): number {
    return clear(this.#inner, {});
  }

  /** Drops ended tasks; answers how many. `all`: cancels the live ones first; what does not stop at once is kept. */
  clear(filter: RunnerClearFilter = {}): number {
    return clear(this.#inner, filter);
  }

  /** How many tasks run at once. Set lower, the running ones run on. */
  get concurrency(): number {
    return this.#inner.settings.engine.limit;
  }

  set concurrency(value: number) {
    const limit = concurrency(value);
    this.#inner.settings.engine.limit = limit;
    this.#inner.driver.ask((runner) => runner.setLimit(limit));
  }

  /** Starts no task until `resume`. What runs goes on. */
  pause(): void {
    this.#inner.driver.ask((runner) => runner.pause(true));
  }

  /** Starts tasks again after `pause`, in their order. */
  resume(): void {
    this.#inner.driver.ask((runner) => runner.pause(false));
  }

  /** Everything that happens from now on, until the runner has stopped. */
  events(options: { signal?: AbortSignal | undefined } = {}): AsyncIterableIterator<TaskEvent> {
    return this.#inner.hub.all(options);
  }

  /** Calls back for each event of that kind; answers with how to end that. */
  on<Kind extends EventKind>(kind: Kind, listener: Listener<Kind>): () => void {
    return this.#inner.hub.on(kind, listener);
  }

  /**
   * Stops: later submits are a `ConflictError`, waiting tasks are cancelled, running ones get `drain` (default 0) to end
   * and are cancelled then. Resolves when all work has ended or was given up.
   */
  stop(options: StopOptions = {}): Promise<void> {
    return stop(this.#inner, options);
  }

  /** Lets the process end although tasks live. Who waits for one, or follows its events, keeps the process all the same. */
  unref(): this {
    this.#inner.unref();
    return this;
  }

  /** @internal What `AsyncDisposing` says, without the name of a symbol that not every program knows. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** What the declaration of the class leaves out. */
export interface BackgroundRunner extends AsyncDisposing {}

const AGENT_KEYS = { ...SUBMIT_KEYS, run: true };

function nameOf(agent: Agent): string {
  const { name } = agent as { name?: unknown };
  return typeof name === 'string' && name !== '' && name.length <= 200 && isText(name) ? name : 'agent';
}
