/**
 * Between the engine and user code. Rust says what is to be done, this does it.
 *
 * 1. User code is never called by the engine, nor while what the engine said is being copied: everything goes through one
 *    queue, so every method may be called inside every callback.
 * 2. What is done is done outside of everybody's async context, and user code is called in that of its task.
 * 3. What a task is, is asked of the engine; `entry.ended` and `entry.subject` only repeat what it said last.
 */
import { checkAlive, type EngineOptions, failed, HEAD, newRunner, type Runner, STATUSES } from '../core/runner.ts';
import { emptyScope, here, outside, type Scope } from '../platform/scope.ts';
import { thrownJson } from '../wire/thrown.ts';
import { Alarm } from './alarm.ts';
import { Entry, type Extra, type Work } from './entry.ts';
import type { Execution } from './execution.ts';
import { Names } from './names.ts';
import type { Platform } from './platform.ts';
import { type Amounts, type Performer, Words } from './words.ts';

/** The wall clock is looked at this often, in milliseconds. */
const SYNC_EVERY = 100;
/** Tasks are started in one go for this long, in milliseconds; then timers and I/O have their turn. */
const TURN = 10;
/** How many starts there are between two looks at the time that has gone. */
const GLANCE = 64;

/** What follows it is a microtask, which a test cannot put off as it can those of `queueMicrotask`. */
const SETTLED = Promise.resolve();

export class Driver {
  readonly runner: Runner;
  /** By entry of the engine. */
  readonly entries: (Entry | undefined)[] = [];
  /** When the runner was made, in milliseconds since the epoch. */
  readonly base: number;
  readonly #platform: Platform;
  /** Whether user code is called in the async context of its task. */
  readonly #keepsContext: boolean;
  readonly #performer: Performer;
  readonly #rested: (amounts: Amounts) => void;
  readonly #words: Words;
  readonly #alarm: Alarm;
  readonly #names: Names;
  #draining = false;
  #scheduled = false;
  /** The scheduled wake will be outside of everybody's async context. */
  #wakesOutside = false;
  /** What runs now is outside of everybody's async context. */
  #isOutside = false;
  #deferred = false;
  #starts = 0;
  #turn = 0;
  #order = 0;
  #syncAt = Number.NEGATIVE_INFINITY;
  #partings: number | undefined;
  #holds = true;

  constructor(
    options: EngineOptions,
    context: boolean,
    platform: Platform,
    performer: Performer,
    rested: (amounts: Amounts) => void,
    forget: (id: string) => void,
  ) {
    this.base = platform.wall();
    this.runner = newRunner(options);
    this.#platform = platform;
    this.#keepsContext = context;
    this.#performer = performer;
    this.#rested = rested;
    this.#words = new Words(this.runner, this.entries, this.base, forget);
    this.#names = new Names(this.runner);
    this.#alarm = new Alarm(platform, this);
  }

  /** How much there is. */
  get amounts(): Amounts {
    return this.#words;
  }

  /** What time it is. Wall time is told to the engine along with it. */
  now(): number {
    const mono = this.#platform.mono();
    const { partings } = this.#platform;
    if (mono >= this.#syncAt || partings !== this.#partings) {
      this.#partings = partings;
      this.#syncAt = mono + SYNC_EVERY;
      this.runner.sync(this.#platform.wall() - mono);
    }
    return mono;
  }

  /** Adds a plain task. Throws what the engine refuses. */
  submit(
    name: string,
    priority: number,
    timeoutMs: number,
    work: Work,
    extra: Extra | undefined,
    scope: Scope | undefined,
  ): Entry {
    checkAlive();
    let slot: number;
    try {
      slot = this.runner.submit(this.#names.numberOf(name), priority, timeoutMs, this.now());
      if (slot < 0) this.runner.refuse();
    } catch (error) {
      throw failed(error);
    }
    this.#words.added();
    const entry = this.#add(slot, name, work, extra, scope);
    this.wake(scope === undefined);
    return entry;
  }

  /** Keeps a task that the engine has added. */
  keep(slot: number, name: string, work: Work, extra: Extra | undefined, scope: Scope | undefined): Entry {
    const entry = this.#add(slot, name, work, extra, scope);
    this.after((runner, now) => runner.take(now));
    this.wake();
    return entry;
  }

  #add(slot: number, name: string, work: Work, extra: Extra | undefined, scope: Scope | undefined): Entry {
    this.#order += 1;
    const entry = new Entry(slot, this.#order, name, work, extra, scope);
    this.entries[slot] = entry;
    return entry;
  }

  /** Asks the engine. Throws what it refuses. */
  ask<T>(question: (runner: Runner, now: number) => T): T {
    checkAlive();
    try {
      return question(this.runner, this.now());
    } catch (error) {
      throw failed(error);
    }
  }

  /** Tells the engine something and does what follows from it. */
  after(tell: (runner: Runner, now: number) => number): void {
    this.#take(this.ask(tell));
  }

  /** Lets tasks start, not before the code that runs now has returned. `isOutside`: nothing is set where this is called. */
  wake(isOutside = this.#isOutside): void {
    this.#words.more = true;
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#wakesOutside = isOutside;
    void SETTLED.then(this.#woken);
  }

  readonly #woken = (): void => {
    this.#scheduled = false;
    if (this.#wakesOutside) this.outside(this.#next);
    else this.#leave(this.#next);
  };

  readonly #next = (): void => this.next();

  /** Tells the engine that time has gone by. */
  tick(): void {
    this.#leave(() => {
      this.after((runner, now) => runner.tick(now));
      this.next();
    });
  }

  /** Does what is outside of everybody's async context already. */
  outside(act: () => void): void {
    const before = this.#isOutside;
    this.#isOutside = true;
    try {
      act();
    } finally {
      this.#isOutside = before;
    }
  }

  /** Leaves whatever async context this is in, and does it. */
  #leave(act: () => void): void {
    if (this.#isOutside || !this.#keepsContext) act();
    else outside().runInAsyncScope(this.#outside, undefined, act);
  }

  readonly #outside = (act: () => void): void => this.outside(act);

  /**
   * Calls user code in the async context of the task's submit, or in one of its own: what it sets there is seen by no other
   * task. With one argument, as nearly every call has, there is no array of them to be made.
   */
  call<A, R>({ scope }: Entry, fn: (arg: A) => R, arg: A): R {
    if (!this.#keepsContext) return fn(arg);
    const before = this.#isOutside;
    const own = scope !== undefined ? scope : before ? here() : emptyScope();
    this.#isOutside = false;
    try {
      return own.runInAsyncScope(fn, undefined, arg);
    } finally {
      this.#isOutside = before;
    }
  }

  /** The execution has a result. */
  settle(execution: Execution, value: unknown): void {
    const { entry } = execution;
    execution.outcome = value;
    execution.over = true;
    if (this.entries[entry.slot] !== entry) return;
    checkAlive();
    const now = this.now();
    // A parent that awaits this task gets its slot back before anything else starts.
    const awaited = entry.extra?.watchers !== undefined;
    const start = !awaited && this.#mayStart(now);
    let count: number;
    try {
      count = this.runner.succeed(entry.slot, execution.attempt, execution.epoch, start, now);
      if (count < 0) this.runner.refuse();
    } catch (error) {
      throw failed(error);
    }
    this.#take(count);
    if (awaited) this.#goOn(true);
  }

  /** `settle` where nothing is set. */
  settled(execution: Execution, value: unknown): void {
    this.#isOutside = true;
    try {
      this.settle(execution, value);
    } finally {
      this.#isOutside = false;
    }
  }

  /** `fail` where nothing is set. */
  failed(execution: Execution, thrown: unknown): void {
    this.#isOutside = true;
    try {
      this.fail(execution, thrown);
    } finally {
      this.#isOutside = false;
    }
  }

  /** The execution has an error, or did what it was told by the abort. */
  fail(execution: Execution, thrown: unknown): void {
    const { entry, attempt, epoch } = execution;
    execution.outcome = thrown;
    execution.over = true;
    if (this.entries[entry.slot] !== entry) return;
    const awaited = entry.extra?.watchers !== undefined;
    this.after((runner, now) => {
      if (execution.isOurAbort(thrown)) return runner.stopped(entry.slot, attempt, epoch, now);
      const { name, message, retryable } = thrownJson(thrown);
      return runner.fail(entry.slot, attempt, epoch, name, message, retryable, undefined, now);
    });
    this.#goOn(awaited);
  }

  /** Starts the next task; when somebody awaits the one that ended, not before that one was told. */
  #goOn(awaited: boolean): void {
    if (awaited && this.#draining) this.wake();
    else this.next();
  }

  /** Cancels a task; false when it had ended. */
  cancel(entry: Entry, reason: string | undefined): boolean {
    checkAlive();
    // Only a task that runs, or that others wait for, makes room for another.
    const makesRoom = entry.execution !== undefined || entry.extra !== undefined;
    let count: number;
    try {
      count = this.runner.cancel(entry.slot, reason, this.now());
    } catch (error) {
      throw failed(error);
    }
    if (count < 0) return false;
    this.#take(count);
    if (makesRoom) this.wake();
    return true;
  }

  /** Cancels every live task; answers how many. */
  cancelAll(reason: string | undefined): number {
    const cancelled = this.ask((runner) => runner.cancelAll());
    for (let count = HEAD + 1; count > HEAD; ) {
      count = this.ask((runner, now) => runner.cancelNext(reason, now));
      // All of them are cancelled before anybody hears of it.
      this.#words.copy(count, this.#performer);
    }
    this.wake();
    if (!this.#draining) this.#drain();
    return cancelled;
  }

  /** Whether live tasks keep the process. They do unless told otherwise. */
  hold(holds: boolean): void {
    if (holds === this.#holds) return;
    this.#holds = holds;
    const { wake, isBusy } = this.#words;
    this.#alarm.set(wake, isBusy, holds);
  }

  /** Starts another task beside the one that has just started, if there is one and a slot. */
  startMore(): void {
    if (this.#words.more) this.next();
  }

  /** Starts a task if there is one, unless timers and I/O are to have their turn first. */
  next(): void {
    checkAlive();
    const now = this.now();
    if (!this.#mayStart(now)) return;
    let count: number;
    try {
      count = this.runner.next(now);
    } catch (error) {
      throw failed(error);
    }
    this.#take(count);
  }

  #mayStart(now: number): boolean {
    this.#starts += 1;
    return this.#starts % GLANCE === 0 ? this.#isInTime(now) : !this.#deferred;
  }

  /** Whether this turn goes on; else the next one begins once timers and I/O had theirs. */
  #isInTime(now: number): boolean {
    if (this.#deferred || now - this.#turn < TURN) return !this.#deferred;
    this.#deferred = true;
    this.#platform.defer(() => {
      this.#deferred = false;
      this.#turn = this.#platform.mono();
      this.#leave(this.#next);
    });
    return false;
  }

  /** Queues what the engine wrote, and does it unless somebody further up does. */
  #take(count: number): void {
    for (let more = this.#words.copy(count, this.#performer); more; ) {
      const next = this.runner.take(this.now());
      more = next > HEAD && this.#words.copy(next, this.#performer);
    }
    if (!this.#draining) this.#drain();
  }

  #drain(): void {
    if (this.#words.isIdle) this.#rest();
    else this.#leave(this.#perform);
  }

  readonly #perform = (): void => {
    this.#draining = true;
    try {
      while (this.#words.perform(this.#performer));
    } finally {
      this.#draining = false;
    }
    this.#rest();
  };

  #rest(): void {
    const { wake, isBusy } = this.#words;
    this.#alarm.set(wake, isBusy, this.#holds);
    this.#rested(this.#words);
  }

  /** The status as the engine has it. */
  statusOf(entry: Entry): (typeof STATUSES)[number] {
    const number = entry.ended >= 0 ? entry.ended : this.ask((runner) => runner.status(entry.slot));
    return STATUSES[number] ?? 'cancelled';
  }
}
