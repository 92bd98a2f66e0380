import { type Runner, STATUSES } from '../core/runner.ts';
import {
  failedError,
  TaskCancelledError,
  type TaskError,
  type TaskErrorJson,
  TaskNotFoundError,
} from '../errors/index.ts';
import { type Scope, scopeHere } from '../platform/scope.ts';
import type { Task } from '../wire/task.ts';
import { Driver, throwLater } from './driver.ts';
import { type Entry, type Extra, LIVE, type Work } from './entry.ts';
import type { Execution } from './execution.ts';
import { TaskExecutor } from './executor.ts';
import type { RunnerTaskHandle } from './handle.ts';
import { Hub } from './hub.ts';
import type { Settings } from './options.ts';
import type { Platform } from './platform.ts';
import { giveUp } from './requests.ts';
import type { AnyOptions } from './spec.ts';
import { adopt, type Parent, submit } from './submit.ts';
import { recordOf, taskOf } from './view.ts';

/** What the parts of one runner share. */
export class Inner {
  readonly settings: Settings;
  readonly platform: Platform;
  readonly driver: Driver;
  readonly hub: Hub;
  /** The ids that somebody was told, of tasks that were not dropped. */
  readonly ids = new Map<string, Entry>();
  /** Who waits for anything that the wasm would have told. */
  readonly #mourners = new Set<(error: TaskError) => void>();
  /** How many wait for something, or follow a task. */
  #held = 0;
  #isLoose = false;

  constructor(settings: Settings, platform: Platform) {
    this.settings = settings;
    this.platform = platform;
    this.hub = new Hub(this);
    this.driver = new Driver(settings.engine, settings.context, platform, new TaskExecutor(this), {
      forget: (id) => void this.ids.delete(id),
      died: (error) => this.#die(error),
    });
  }

  /** The async context of a submit. */
  scopeHere(): Scope | undefined {
    return this.settings.context ? scopeHere() : undefined;
  }

  submit(work: Work, options?: AnyOptions, parent?: Parent): RunnerTaskHandle<unknown> {
    return submit(this, work, options, parent);
  }

  /** A handle of a child that an earlier attempt submitted, for the attempt that awaits it now. */
  adopted(entry: Entry, parent: Execution): RunnerTaskHandle<unknown> {
    return adopt(this, entry, parent);
  }

  /** The id, made when it is first asked for. */
  idOf(entry: Entry): string {
    const extra = this.extraOf(entry);
    if (extra.id === undefined) {
      extra.id = this.driver.ask((runner) => runner.id(entry.order));
      if (entry.kept === undefined) this.ids.set(extra.id, entry);
    }
    return extra.id;
  }

  find(id: string): Entry {
    const entry = this.ids.get(id);
    if (entry === undefined) throw new TaskNotFoundError(String(id), 'this runner');
    return entry;
  }

  /** Throws for a task whose record was dropped. */
  checkKept(entry: Entry): void {
    if (entry.kept !== undefined) throw new TaskNotFoundError(this.idOf(entry), 'this runner, which has dropped it');
  }

  extraOf(entry: Entry): Extra {
    entry.extra ??= {};
    return entry.extra;
  }

  /** Whether the execution is the one that the task goes on with. */
  holds(execution: Execution): boolean {
    const { entry } = execution;
    return entry.execution === execution && entry.ended === LIVE && execution.reason === undefined && !execution.over;
  }

  isCompleted(entry: Entry): boolean {
    return STATUSES[entry.ended] === 'completed';
  }

  /** The outcome of an ended task. */
  outcome(entry: Entry): Promise<unknown> {
    return this.isCompleted(entry) ? Promise.resolve(entry.subject) : Promise.reject(this.errorOf(entry));
  }

  /** What a failed or cancelled task rejects with; the very object that was thrown is its cause. */
  errorOf(entry: Entry): Error {
    if (STATUSES[entry.ended] === 'cancelled') return this.cancelledError(entry);
    const stored = recordOf(this, entry).error as TaskErrorJson;
    return failedError(
      this.idOf(entry),
      entry.extra?.recipe ?? '',
      stored,
      stored.code === 'failed' ? { value: entry.subject } : undefined,
    );
  }

  cancelledError(entry: Entry): TaskCancelledError {
    const taskId = this.idOf(entry);
    const why = entry.extra?.reason;
    const { abortedWith } = entry.extra ?? {};
    return new TaskCancelledError(`task ${taskId} was cancelled${why === undefined ? '' : `: ${why}`}`, {
      taskId,
      ...(abortedWith === undefined ? {} : { cause: abortedWith.reason }),
    });
  }

  task(entry: Entry): Task {
    return taskOf(this, entry);
  }

  /** Cancels now; false when it had ended. */
  cancel(entry: Entry, reason?: string, abortedWith?: { readonly reason: unknown }): boolean {
    if (entry.ended !== LIVE) return false;
    if (abortedWith !== undefined) this.extraOf(entry).abortedWith = abortedWith;
    // A stop that lets it run on has noted a reason of its own.
    if (reason !== undefined || entry.extra?.reason !== undefined) this.extraOf(entry).reason = reason;
    return this.driver.cancel(entry, reason);
  }

  /** Undoes a submit whose task has not started. */
  takeBack(id: string): void {
    const entry = this.ids.get(id);
    if (entry === undefined) return; // cancelled by its own signal, and dropped
    this.extraOf(entry).takenBack = true;
    this.cancel(entry);
    this.driver.after((runner, now) => {
      runner.drop(entry.slot);
      return runner.take(now);
    });
  }

  /** Settles who waits for a task that has ended. */
  settle(entry: Entry): void {
    const { resolve, extra } = entry;
    if (resolve !== undefined) {
      this.release();
      entry.promise = entry.resolve = undefined;
      resolve(this.isCompleted(entry) ? entry.subject : rejected(this.errorOf(entry)));
    }
    entry.tellWatchers();
    const onComplete = extra?.onComplete;
    if (onComplete !== undefined && extra !== undefined) extra.onComplete = undefined;
    if (extra?.onProgress !== undefined) extra.onProgress = undefined;
    if (extra?.steps !== undefined) extra.steps = undefined;
    if (extra?.children !== undefined) extra.children = undefined;
    if (extra?.takenBack === true) return;
    if (onComplete !== undefined) this.callBack(entry, onComplete, this.task(entry));
    if (this.settings.onComplete !== undefined) this.callBack(entry, this.settings.onComplete, this.task(entry));
  }

  /**
   * Calls user code about a task, in the async context of its submit. It must not come in the way of a runner: what it throws
   * is an uncaught exception, later.
   */
  callBack<A extends unknown[]>(entry: Entry, callback: (...args: A) => void, ...args: A): void {
    try {
      const returned: unknown = this.driver.call(entry, (given) => callback(...given), args);
      if (returned instanceof Promise) returned.catch(throwLater);
    } catch (error) {
      throwLater(error);
    }
  }

  /** Waits for what the driver tells; meanwhile the process is kept. Rejects when the wasm has died. */
  async whenTold<T>(wait: (runner: Runner, now: number) => Promise<T>): Promise<T> {
    this.hold();
    let alive = (): void => {};
    const dead = new Promise<never>((_, reject) => {
      alive = this.whenDead(reject);
    });
    try {
      return await Promise.race([this.driver.ask(wait), dead]);
    } finally {
      alive();
      this.release();
    }
  }

  /** From now on only those who wait keep the process. */
  unref(): void {
    this.#isLoose = true;
    this.#look();
  }

  /** Somebody begins to wait for a live task, and says so when it is over. */
  hold(): void {
    this.#held += 1;
    this.#look();
  }

  release(): void {
    this.#held -= 1;
    this.#look();
  }

  /** Calls back when the wasm has died; answers with how to end that. */
  whenDead(callback: (error: TaskError) => void): () => void {
    this.#mourners.add(callback);
    return () => this.#mourners.delete(callback);
  }

  /** The wasm is dead: whoever waits hears it, and code that runs is told to end. */
  #die(error: TaskError): void {
    for (const entry of this.driver.entries) {
      const { resolve, execution } = entry;
      entry.promise = entry.resolve = undefined;
      resolve?.(rejected(error));
      if (execution !== undefined) this.#end(entry, execution, error);
    }
    for (const callback of [...this.#mourners]) callback(error);
    this.hub.fail(error);
  }

  #end(entry: Entry, execution: Execution, error: TaskError): void {
    if (execution.over || execution.reason !== undefined) return;
    try {
      this.driver.call(entry, (why) => execution.abort(why), error);
    } catch (thrown) {
      throwLater(thrown);
    }
    giveUp(execution, error);
    for (const resolve of execution.restored?.splice(0) ?? []) resolve();
  }

  #look(): void {
    if (this.#isLoose) this.driver.hold(this.#held > 0);
  }
}

/** Resolved with it, a promise rejects: so a task that is awaited keeps one function instead of two. */
function rejected(error: Error): PromiseLike<never> {
  // biome-ignore lint/suspicious/noThenProperty: that is what it is
  return { then: (_, reject) => reject?.(error) as never };
}
