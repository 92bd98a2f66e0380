/** Spans that count down beside each other: of all that run one has a timer, that which is over first. */
import type { Clock } from './clock.ts';

const nothing = (): void => {};

/** What counts down by one clock. Most is stopped long before it is over, and has cost no timer then. */
export class Countdowns {
  readonly #clock: Clock;
  readonly #running = new Set<Countdown>();
  /** When the timer rings, by the monotonic clock. */
  #ringsAt = Number.POSITIVE_INFINITY;
  #cancel = nothing;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  mono(): number {
    return this.#clock.mono();
  }

  /** It runs from now on, until `end`. */
  add(one: Countdown): void {
    this.#running.add(one);
    if (one.end < this.#ringsAt) this.#ringAt(one.end);
  }

  /** It does not run any more. The timer is left as it is where it may be somebody else's. */
  remove(one: Countdown): void {
    this.#running.delete(one);
    if (this.#running.size > 0) return;
    this.#cancel();
    this.#ringsAt = Number.POSITIVE_INFINITY;
  }

  #ringAt(end: number): void {
    this.#cancel();
    this.#ringsAt = end;
    this.#cancel = this.#clock.after(end - this.#clock.mono(), () => this.#ring());
  }

  #ring(): void {
    this.#ringsAt = Number.POSITIVE_INFINITY;
    const now = this.#clock.mono();
    for (const one of [...this.#running]) if (one.isRunning && one.end <= now) one.over();
    let next = Number.POSITIVE_INFINITY;
    for (const { end } of this.#running) next = Math.min(next, end);
    if (next < this.#ringsAt) this.#ringAt(next);
  }
}

/** A span that counts down, and stands still while it is paused. Begins paused. One without end is never over. */
export class Countdown {
  readonly #all: Countdowns;
  readonly #onOver: () => void;
  #left: number;
  #end: number | undefined;

  constructor(all: Countdowns, ms: number, onOver: () => void) {
    this.#all = all;
    this.#left = Math.max(0, ms);
    this.#onOver = onOver;
  }

  get isRunning(): boolean {
    return this.#end !== undefined;
  }

  /** When it is over, by the monotonic clock; never, while it is paused. */
  get end(): number {
    return this.#end ?? Number.POSITIVE_INFINITY;
  }

  run(): void {
    if (this.#end !== undefined || this.#left === Number.POSITIVE_INFINITY) return;
    this.#end = this.#all.mono() + this.#left;
    this.#all.add(this);
  }

  pause(): void {
    if (this.#end === undefined) return;
    this.#left = Math.max(0, this.#end - this.#all.mono());
    this.#stop();
  }

  /** Its time is over. */
  over(): void {
    this.#left = Number.POSITIVE_INFINITY; // once
    this.#stop();
    this.#onOver();
  }

  #stop(): void {
    this.#end = undefined;
    this.#all.remove(this);
  }
}
