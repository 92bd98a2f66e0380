import { STATUSES } from '../core/runner.ts';
import { failedError, TaskCancelledError, type TaskErrorJson, TaskNotFoundError } from '../errors/index.ts';
import type { Task } from '../wire/task.ts';
import { Driver } from './driver.ts';
import type { Work } from './entry.ts';
import { type Entry, type Extra, LIVE } from './entry.ts';
import type { Execution } from './execution.ts';
import { TaskExecutor } from './executor.ts';
import { say } from './facts.ts';
import type { RunnerTaskHandle } from './handle.ts';
import { Hub } from './hub.ts';
import type { Settings } from './options.ts';
import type { Platform } from './platform.ts';
import { giveUp, handOut } from './requests.ts';
import type { AnyOptions } from './spec.ts';
import { type Parent, submit } from './submit.ts';
import { recordOf, taskOf } from './view.ts';

/** What the parts of one runner share. */
export class Inner {
  readonly settings: Settings;
  readonly platform: Platform;
  readonly driver: Driver;
  readonly hub: Hub;
  /** The ids that somebody was told, of tasks that were not dropped. */
  readonly ids = new Map<string, Entry>();
  readonly #resting = new Set<(busy: number) => void>();

  constructor(settings: Settings, platform: Platform) {
    this.settings = settings;
    this.platform = platform;
    this.hub = new Hub(this);
    const forget = (entry: Entry): void => {
      if (entry.id !== undefined) this.ids.delete(entry.id);
    };
    this.driver = new Driver(settings.engine, platform, new TaskExecutor(this), forget);
  }

  submit(work: Work, options?: AnyOptions, parent?: Parent): RunnerTaskHandle<unknown> {
    return submit(this, work, options, parent);
  }

  /** A handle of a child that an earlier attempt submitted, for the attempt that awaits it now. */
  adopted(handle: unknown, parent: Execution): RunnerTaskHandle<unknown> {
    return (handle as RunnerTaskHandle<unknown>).childOf(parent);
  }

  /** The id, made when it is first asked for. */
  idOf(entry: Entry): string {
    if (entry.id === undefined) {
      entry.id = this.driver.ask((runner) => runner.id(entry.order));
      if (entry.kept === undefined) this.ids.set(entry.id, entry);
    }
    return entry.id;
  }

  /** Whoever is told of a task can ask for it. */
  remember(entry: Entry): void {
    this.idOf(entry);
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
    return entry.execution === execution && entry.ended === LIVE && execution.reason === undefined;
  }

  isCompleted(entry: Entry): boolean {
    return STATUSES[entry.ended] === 'completed';
  }

  /** The outcome of an ended task. */
  outcome(entry: Entry): Promise<unknown> {
    return this.isCompleted(entry) ? Promise.resolve(entry.value) : Promise.reject(this.errorOf(entry));
  }

  /** What a failed or cancelled task rejects with; the very object that was thrown is its cause. */
  errorOf(entry: Entry): Error {
    if (STATUSES[entry.ended] === 'cancelled') return this.cancelledError(entry);
    const stored = recordOf(this, entry).error as TaskErrorJson;
    return failedError(this.idOf(entry), '', stored, stored.code === 'failed' ? { thrown: entry.value } : undefined);
  }

  cancelledError(entry: Entry): TaskCancelledError {
    const taskId = this.idOf(entry);
    const why = entry.extra?.reason;
    return new TaskCancelledError(`task ${taskId} was cancelled${why === undefined ? '' : `: ${why}`}`, { taskId });
  }

  task(entry: Entry): Task {
    return taskOf(this, entry);
  }

  /** Cancels now; false when it had ended. */
  cancel(entry: Entry, reason?: string): boolean {
    if (entry.ended !== LIVE) return false;
    if (reason !== undefined) this.extraOf(entry).reason = reason;
    let cancelled = false;
    this.driver.after((runner, now) => {
      cancelled = runner.cancel(entry.slot, reason, now);
      return runner.take(now);
    });
    this.driver.wake();
    return cancelled;
  }

  /** Undoes a submit whose task has not started. */
  takeBack(id: string): void {
    const entry = this.find(id);
    this.cancel(entry);
    this.driver.after((runner, now) => {
      runner.drop(entry.slot);
      return runner.take(now);
    });
  }

  /** Settles who waits for a task that has ended. */
  settle(entry: Entry): void {
    const { deferred, extra } = entry;
    if (deferred !== undefined) {
      if (this.isCompleted(entry)) deferred.resolve(entry.value);
      else deferred.reject(this.errorOf(entry));
    }
    if (entry.watchers !== undefined) for (const watcher of [...entry.watchers]) watcher();
    if (extra?.onComplete !== undefined) this.callBack(extra.onComplete, this.task(entry));
    if (this.settings.onComplete !== undefined) this.callBack(this.settings.onComplete, this.task(entry));
  }

  /** Calls user code that must not come in the way of a runner: what it throws is an uncaught exception, later. */
  callBack<A extends unknown[]>(callback: ((...args: A) => void) | undefined, ...args: A): void {
    try {
      const returned: unknown = callback?.(...args);
      if (returned instanceof Promise) returned.catch(throwLater);
    } catch (error) {
      throwLater(error);
    }
  }

  output(execution: Execution, chunk: unknown): void {
    say(this, execution, 'output', chunk);
  }

  answered(execution: Execution): void {
    handOut(execution);
  }

  interrupted(execution: Execution, reason: Error): void {
    giveUp(execution, reason);
  }

  /** Calls back whenever everything that could be done is done, until it answers true. */
  whenRested(look: (busy: number) => boolean): void {
    const again = (busy: number): void => {
      if (look(busy)) this.#resting.delete(again);
    };
    this.#resting.add(again);
  }

  rested(busy: number): void {
    if (this.#resting.size === 0) return;
    for (const look of [...this.#resting]) look(busy);
  }
}

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
