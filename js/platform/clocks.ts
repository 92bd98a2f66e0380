/**
 * The clocks and timers of this process. A test may have put its own in their place: `mock.timers` of node:test, and
 * `@sinonjs/fake-timers`, which Jest and Vitest bring. The same for Node and for the web.
 *
 * 1. What is global is looked up when it is used; a timer is ended by what came with the one that started it.
 * 2. While `setTimeout` is somebody's own, time is what his clocks say, and stands still for those that he left alone.
 * 3. A timer that rings has come: from then on the clocks read at least its moment, whatever they would read by themselves.
 * 4. When the clocks change hands the monotonic one goes on from where it was, and pending timers go over to the new hands.
 */
import type { Platform, Timer } from './types.ts';

/** Timers of the process that no test has replaced. None of them is called as a method: those of browsers refuse that. */
export interface Timers {
  setTimeout: typeof setTimeout;
  clearTimeout: typeof clearTimeout;
  setInterval: typeof setInterval;
  clearInterval: typeof clearInterval;
  /** Calls back when timers and I/O have had their turn. */
  defer(callback: () => void): void;
}

/** The longest time that one timer can take, in milliseconds. */
const MAX_TIMER = 2 ** 31 - 1;

/** A real timer may ring this much before its time, as its clock counts whole milliseconds. */
const EARLY = 2;
/** How often it is looked, in real milliseconds, whether timers wait in hands that have let go of the clocks. */
const GUARD_EVERY = 50;

const isNative = (fn: unknown): boolean => /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(fn));

/** A real one says what it is; what a test makes is a plain object. */
const isReal = (clock: object): boolean => Object.prototype.toString.call(clock) === '[object Performance]';

/** Looked up once: what is global in Node is found anew each time. Not before it is needed: that it is made takes a while. */
let real: typeof performance | undefined;

function realNow(): number {
  if (real === undefined) {
    if (!isReal(performance)) return 0; // from when on it counts is nobody's business
    real = performance;
  }
  return real.now();
}

export class Clocks implements Platform {
  partings = 0;
  readonly #timers: Timers;
  /** As they were when this was made; where a test had its clocks in place by then, as the process has them. */
  readonly #realTimeout: typeof setTimeout;
  readonly #realEnd: typeof clearTimeout;
  #timeout: typeof setTimeout;
  #date: typeof Date.now = Date.now;
  /** `setTimeout` is somebody's own. */
  #isDriven = false;
  #isDateDriven = !isNative(Date.now);
  /** The monotonic clock of whoever has it. */
  #source: () => number = realNow;
  /** What it read last, and how far the clock here is ahead of it. */
  #read = Number.NEGATIVE_INFINITY;
  #ahead = 0;
  /** Wall time is not before this, since a timer has rung at it. */
  #floor = Number.NEGATIVE_INFINITY;
  readonly #pending = new Set<Pending>();
  #guard: NodeJS.Timeout | undefined;

  constructor(timers: Timers) {
    this.#timers = timers;
    const real = isNative(Date.now) ? { setTimeout, clearTimeout } : timers;
    this.#realTimeout = this.#timeout = real.setTimeout;
    this.#realEnd = real.clearTimeout;
  }

  mono(): number {
    if (setTimeout !== this.#timeout || Date.now !== this.#date) this.#changeHands();
    return this.#isDriven ? this.#drivenMono() : realNow() + this.#ahead;
  }

  wall(): number {
    const now = Date.now();
    return Math.max(now, this.#floor);
  }

  timer(callback: () => void, ms: number): Timer {
    const timer = new Pending(this, callback, ms);
    this.#pending.add(timer);
    timer.start(ms);
    this.watch();
    return timer;
  }

  /** The event loop goes on by itself, whoever has the timers. */
  defer(callback: () => void): void {
    this.#timers.defer(callback);
  }

  /** Whether it is the one that real timers are ended by. */
  isReal(end: typeof clearTimeout | undefined): boolean {
    return end === this.#realEnd;
  }

  /** It rings, or was cleared. */
  drop(timer: Pending): void {
    if (this.#pending.delete(timer)) this.watch();
  }

  /** A timer has rung: its moment has come. */
  come({ at, wallAt, ms }: Pending): void {
    const now = this.mono();
    const isDriven = this.#isDriven || at - now > EARLY;
    if (isDriven && now < at) this.#ahead += at - now;
    if (!isDriven && !this.#isDateDriven) return;
    const wall = this.wall();
    if (wall >= wallAt && wall < wallAt + ms) this.#floor = wallAt + ms; // else it was set back, or has moved by itself
    this.partings += 1;
  }

  /** Timers that wait in somebody's hands are looked after: he may let go, and nothing else tells. */
  watch(): void {
    const { setInterval, clearInterval } = this.#timers;
    if (!this.#isDriven || this.#pending.size === 0) {
      clearInterval(this.#guard);
      this.#guard = undefined;
      return;
    }
    this.#guard ??= setInterval(() => this.mono(), GUARD_EVERY);
    if ([...this.#pending].some(({ holds }) => holds)) this.#guard.ref?.();
    else this.#guard.unref?.();
  }

  /** It goes on when those who have it set their clock back. */
  #drivenMono(): number {
    const read = this.#source();
    if (read < this.#read) this.#ahead += this.#read - read;
    const isLater = read > this.#read;
    this.#read = read;
    this.partings += 1;
    const now = read + this.#ahead;
    if (isLater) for (const timer of this.#pending) timer.hurry(now);
    return now;
  }

  #changeHands(): void {
    // Whole milliseconds, as those of fake clocks are: what is armed for a minute then rings in a minute.
    const last = Math.ceil(Math.max(this.#read, this.#source()) + this.#ahead);
    this.#timeout = setTimeout;
    this.#date = Date.now;
    this.#isDriven = setTimeout !== this.#realTimeout;
    this.#isDateDriven = !isNative(Date.now);
    this.#source = this.#isDriven ? this.#theirs() : realNow;
    this.#read = this.#source();
    this.#ahead = last - this.#read;
    this.#floor = Number.NEGATIVE_INFINITY;
    this.partings += 1;
    for (const timer of this.#pending) timer.start(Math.min(Math.max(Math.ceil(timer.at - last), 0), MAX_TIMER));
    this.watch();
  }

  /** The clock of whoever has `setTimeout`: one without steps, else his `Date`, else none. */
  #theirs(): () => number {
    const [clock, date] = [performance, Date];
    if (!isReal(clock)) return () => clock.now();
    return this.#isDateDriven ? () => date.now() : () => 0;
  }
}

/** A timer that has not rung yet. */
class Pending implements Timer {
  readonly #clocks: Clocks;
  readonly #callback: () => void;
  #handle: NodeJS.Timeout | undefined;
  #end: typeof clearTimeout | undefined;
  #starts = 0;
  /** Its moment by the monotonic clock. */
  readonly at: number;
  /** What was to go by since it was started last, in milliseconds, and the wall time then. */
  ms = 0;
  wallAt = 0;
  /** Whether it keeps the process alive. */
  holds = true;

  constructor(clocks: Clocks, callback: () => void, ms: number) {
    this.#clocks = clocks;
    this.#callback = callback;
    this.at = clocks.mono() + ms;
  }

  /** Starts it, in the hands of whoever has the timers now; where it was before it is ended or never heard again. */
  start(ms: number): void {
    if (this.#clocks.isReal(this.#end)) this.#endTimer(); // who has let go of the timers may not know it any more
    this.#starts += 1;
    const count = this.#starts;
    this.ms = ms;
    this.wallAt = this.#clocks.wall();
    this.#end = clearTimeout;
    this.#handle = setTimeout(() => {
      if (count === this.#starts) this.#rung();
    }, ms);
    if (!this.holds) this.#handle.unref?.(); // some are no objects
  }

  /** Its moment has gone by without it, as the clock was set: it rings when timers ring next. */
  hurry(now: number): void {
    if (this.at <= now && this.ms > 0) this.start(0);
  }

  clear(): void {
    this.#clocks.mono(); // it is in the hands of whoever has the timers now
    this.#endTimer();
    this.#starts += 1;
    this.#clocks.drop(this);
  }

  ref(): void {
    this.holds = true;
    this.#handle?.ref?.();
    this.#clocks.watch();
  }

  unref(): void {
    this.holds = false;
    this.#handle?.unref?.();
    this.#clocks.watch();
  }

  #endTimer(): void {
    const end = this.#end;
    end?.(this.#handle);
  }

  #rung(): void {
    this.#clocks.drop(this);
    this.#clocks.come(this);
    this.#callback();
  }
}
