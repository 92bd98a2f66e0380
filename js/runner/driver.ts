/**
 * Between the core and user code. Rust says what is to be done and when, this does it.
 *
 * 1. User code is never called by Rust while it changes anything, nor while what it said is being copied: everything goes
 *    through one queue, so every method may be called inside every callback.
 * 2. What is done is done outside of everybody's async context, and user code is called in that of its task.
 * 3. What a task is, is asked of the engine; `entry.ended` and `entry.subject` only repeat what it said last.
 * 4. Nothing here looks at a clock, sets a timer or starts a task by itself: the time is told with each call, and the driver
 *    in wasm comes by the ports.
 */
import {
  checkAlive,
  type Driven,
  type EngineOptions,
  failed,
  HEAD,
  newRunner,
  type Platform,
  Ports,
  type Runner,
  STATUSES,
} from '../core/runner.ts';
import { isTaskError, type TaskError } from '../errors/index.ts';
import { thrownJson } from '../wire/thrown.ts';
import { Entries } from './entries.ts';
import type { Entry, Execution, Extra, Work } from './entry.ts';
import { Names } from './names.ts';
import { Scopes } from './scopes.ts';
import { WaitTimes } from './wait-times.ts';
import { type Performer, Words } from './words.ts';

export class Driver implements Driven {
  readonly runner: Runner;
  /** By entry of the engine. */
  readonly entries = new Entries();
  /** When the runner was made, in milliseconds since the epoch. */
  readonly base: number;
  readonly scopes: Scopes;
  readonly times = new WaitTimes(this);
  readonly #ports: Ports;
  readonly #performer: Performer;
  readonly #words: Words;
  readonly #names: Names;
  #draining = false;
  #order = 0;
  #holds = true;
  #isDead = false;

  constructor(
    options: EngineOptions,
    context: boolean,
    platform: Platform,
    performer: Performer,
    forget: (id: string) => void,
  ) {
    this.base = platform.wall();
    this.#ports = new Ports(platform, this);
    this.runner = newRunner(options, this.#ports, this);
    this.scopes = new Scopes(context);
    this.#performer = performer;
    this.#words = new Words(this.runner, this.entries, this.base, {
      forget,
      keep: (busy, holds) => this.#ports.keep(busy, holds),
      over: (id) => this.times.over(id),
    });
    this.#names = new Names(this.runner);
  }

  /** Adds a plain task. Throws what the engine refuses. */
  submit(name: string, priority: number, timeoutMs: number, work: Work, extra: Extra | undefined): Entry {
    checkAlive();
    let slot: number;
    try {
      slot = this.runner.submit(this.#names.numberOf(name), priority, timeoutMs, this.#ports.mono());
      if (slot < 0) this.runner.refuse();
    } catch (error) {
      throw failed(error);
    }
    return this.#add(slot, name, work, extra);
  }

  /** Keeps a task that the engine has added. */
  keep(slot: number, name: string, work: Work, extra: Extra | undefined): Entry {
    const entry = this.#add(slot, name, work, extra);
    this.after((runner, now) => runner.take(now));
    return entry;
  }

  #add(slot: number, name: string, work: Work, extra: Extra | undefined): Entry {
    this.#order += 1;
    const entry = this.#performer.entry(slot, this.#order, name, work, extra);
    this.entries.set(slot, entry);
    this.#ports.hold(this);
    return entry;
  }

  /** Asks the engine. Throws what it refuses. */
  ask<T>(question: (runner: Runner, now: number) => T): T {
    checkAlive();
    try {
      return question(this.runner, this.#ports.mono());
    } catch (error) {
      throw failed(error);
    }
  }

  /** Tells the engine something and does what follows from it. */
  after(tell: (runner: Runner, now: number) => number): void {
    this.#take(this.ask(tell));
  }

  /**
   * The driver has decided something. What fails in here must not run through the wasm, which does not expect it. The words are
   * copied first: they are in the buffer of all runners, and who looks at async contexts is called when one is left.
   */
  perform(words: number): void {
    try {
      const more = this.#words.copy(words, this.#performer);
      this.scopes.leave(() => this.#takeRest(more));
    } catch (error) {
      if (isDead(error)) throw error;
      throwLater(error);
    }
  }

  /** The timer has rung. */
  ring(): void {
    this.runner.ring();
  }

  /** Others had their turn. */
  turned(): void {
    this.runner.turned();
  }

  /** Wall and monotonic time may have parted. */
  parted(): void {
    this.runner.parted();
  }

  /** The wasm is dead. */
  died(error: TaskError): void {
    this.#isDead = true;
    this.#ports.end();
    this.times.end();
    this.#performer.died(error);
  }

  /** The execution has returned, or thrown. */
  end(execution: Execution, failed: boolean, outcome: unknown): void {
    if (failed) {
      this.fail(execution, outcome);
      return;
    }
    execution.outcome = outcome;
    execution.over = true;
    this.#succeed(execution.entry, execution.attempt, execution.epoch);
  }

  /** Its code has returned at once, and has asked for nothing. */
  returned(entry: Entry, value: unknown): void {
    entry.subject = value;
    this.#succeed(entry, 1, 1);
  }

  #succeed(entry: Entry, attempt: number, epoch: number): void {
    if (this.entries.get(entry.slot) !== entry) return;
    checkAlive();
    let count: number;
    try {
      count = this.runner.succeed(entry.slot, attempt, epoch, isAwaited(entry), this.#ports.mono());
      if (count < 0) this.runner.refuse();
    } catch (error) {
      throw failed(error);
    }
    this.#take(count);
  }

  /** The execution has an error, or did what it was told by the abort. */
  fail(execution: Execution, thrown: unknown): void {
    const { entry, attempt, epoch } = execution;
    execution.outcome = thrown;
    execution.over = true;
    if (this.entries.get(entry.slot) !== entry) return;
    const awaited = isAwaited(entry);
    this.after((runner, now) => {
      if (execution.isOurAbort(thrown)) return runner.stopped(entry.slot, attempt, epoch, awaited, now);
      const { name, message, retryable, code } = thrownJson(thrown);
      const budget = code === 'budget_exceeded' || undefined;
      return runner.fail(entry.slot, attempt, epoch, name, message, retryable, budget, awaited, now);
    });
  }

  /** Cancels a task; false when it had ended. */
  cancel(entry: Entry, reason: string | undefined): boolean {
    checkAlive();
    let count: number;
    try {
      count = this.runner.cancel(entry.slot, reason, this.#ports.mono());
    } catch (error) {
      throw failed(error);
    }
    if (count < 0) return false;
    this.#take(count);
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
    if (!this.#draining) this.#drain();
    return cancelled;
  }

  /** Whether live tasks keep the process. They do unless told otherwise. */
  hold(holds: boolean): void {
    if (holds === this.#holds || this.#isDead) return;
    this.#holds = holds;
    this.ask((runner) => runner.hold(holds));
  }

  /** The function that was started goes on; another one may start beside it. */
  goesOn(): void {
    if (this.#words.more) this.after((runner, now) => runner.next(now));
  }

  /** Queues what the engine wrote, and does it unless somebody further up does. */
  #take(count: number): void {
    this.#takeRest(this.#words.copy(count, this.#performer));
  }

  #takeRest(hasMore: boolean): void {
    for (let more = hasMore; more; ) {
      const next = this.runner.take(this.#ports.mono());
      more = next > HEAD && this.#words.copy(next, this.#performer);
    }
    if (!this.#draining) this.#drain();
  }

  #drain(): void {
    if (!this.#words.isIdle) this.scopes.leave(this.#perform);
  }

  readonly #perform = (): void => {
    this.#draining = true;
    try {
      while (this.#words.perform(this.#performer));
    } finally {
      this.#draining = false;
    }
  };

  /** The status as the engine has it. */
  statusOf(entry: Entry): (typeof STATUSES)[number] {
    const number = entry.ended >= 0 ? entry.ended : this.ask((runner) => runner.status(entry.slot));
    return STATUSES[number] ?? 'cancelled';
  }
}

/** Whether somebody is to be told of its end before another task starts: a parent goes on in its own slot. */
const isAwaited = ({ extra }: Entry): boolean => extra?.watchers !== undefined;

const isDead = (error: unknown): boolean => isTaskError(error) && error.code === 'core_dead';

/** Whoever waits was told that the wasm is dead: it is no rejection of whatever else comes to its end. */
export function unlessDead(error: unknown): void {
  if (!isDead(error)) throw error;
}

/** The one that was there first: a test may put its own in its place. */
const later = queueMicrotask;

/** It is nobody's who could be told: an uncaught exception of its own. */
export function throwLater(error: unknown): void {
  later(() => {
    throw error;
  });
}
