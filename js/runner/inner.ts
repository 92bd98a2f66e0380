import { STATUSES } from '../core/runner.ts';
import { failedError, TaskCancelledError, type TaskErrorJson, TaskNotFoundError } from '../errors/index.ts';
import { type Scope, scopeHere } from '../platform/scope.ts';
import type { Task } from '../wire/task.ts';
import { Driver } from './driver.ts';
import { type Entry, type Extra, LIVE, type Work } from './entry.ts';
import type { Execution } from './execution.ts';
import { TaskExecutor } from './executor.ts';
import type { RunnerTaskHandle } from './handle.ts';
import { Hub } from './hub.ts';
import type { Settings } from './options.ts';
import type { Platform } from './platform.ts';
import type { AnyOptions } from './spec.ts';
import { adopt, type Parent, submit } from './submit.ts';
import { recordOf, taskOf } from './view.ts';
import type { Amounts } from './words.ts';

/** What the parts of one runner share. */
export class Inner {
  readonly settings: Settings;
  readonly platform: Platform;
  readonly driver: Driver;
  readonly hub: Hub;
  /** The ids that somebody was told, of tasks that were not dropped. */
  readonly ids = new Map<string, Entry>();
  readonly #resting = new Set<(amounts: Amounts) => void>();
  /** How many wait for a task, or follow one. */
  #held = 0;
  #isLoose = false;

  constructor(settings: Settings, platform: Platform) {
    this.settings = settings;
    this.platform = platform;
    this.hub = new Hub(this);
    const forget = (id: string): void => void this.ids.delete(id);
    this.driver = new Driver(
      settings.engine,
      settings.context,
      platform,
      new TaskExecutor(this),
      (amounts) => this.#rest(amounts),
      forget,
    );
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

  /** Calls back whenever everything that could be done is done, until it answers true; answers with how to end that. */
  whenRested(look: (amounts: Amounts) => boolean): () => void {
    const again = (amounts: Amounts): void => {
      if (look(amounts)) this.#resting.delete(again);
    };
    this.#resting.add(again);
    this.#look();
    return () => {
      this.#resting.delete(again);
      this.#look();
    };
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

  #look(): void {
    if (this.#isLoose) this.driver.hold(this.#held > 0 || this.#resting.size > 0);
  }

  #rest(amounts: Amounts): void {
    if (this.#resting.size === 0) return;
    for (const look of this.#resting) look(amounts);
    this.#look();
  }
}

/** Resolved with it, a promise rejects: so a task that is awaited keeps one function instead of two. */
function rejected(error: Error): PromiseLike<never> {
  // biome-ignore lint/suspicious/noThenProperty: that is what it is
  return { then: (_, reject) => reject?.(error) as never };
}

/** The one that was there first: a test may put its own in its place. */
const later = queueMicrotask;

function throwLater(error: unknown): void {
  later(() => {
    throw error;
  });
}
