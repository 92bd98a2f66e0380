/** The time of a worker, as a port: a test runs workers on a clock of its own. */

export interface Clock {
  /** Wall time, milliseconds since the epoch. */
  now(): number;
  /** Monotonic time in milliseconds, from any beginning. */
  mono(): number;
  /** Calls back after so many milliseconds of monotonic time, never earlier; `Infinity` never comes. Returns what cancels it. */
  after(ms: number, callback: () => void): () => void;
}

const nothing = (): void => {};

/** What Node's timers can count, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/**
 * The clocks of this machine. Durations beyond Node's limit of 24.8 days are waited for in parts. Its timers keep no
 * process alive: who needs that holds it (`KeepAlive`).
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  mono: () => performance.now(),
  after: (ms, callback) => {
    if (ms === Number.POSITIVE_INFINITY) return () => {};
    const end = performance.now() + ms;
    let timer: NodeJS.Timeout;
    const wait = (span: number): void => {
      timer = setTimeout(arm, Math.min(Math.max(0, Math.ceil(span)), LONGEST)).unref();
    };
    const arm = (): void => {
      const left = end - performance.now();
      if (left <= 0) callback();
      else wait(left);
    };
    wait(ms);
    return () => clearTimeout(timer);
  },
};

/** Resolves after so many milliseconds. */
export const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => void clock.after(ms, resolve));

/** A span that counts down, and stands still while it is paused. Begins paused. */
export class Countdown {
  readonly #clock: Clock;
  readonly #onOver: () => void;
  #left: number;
  #since: number | undefined;
  #cancel = nothing;

  constructor(clock: Clock, ms: number, onOver: () => void) {
    this.#clock = clock;
    this.#left = Math.max(0, ms);
    this.#onOver = onOver;
  }

  run(): void {
    if (this.#since !== undefined) return;
    this.#since = this.#clock.mono();
    this.#cancel = this.#clock.after(this.#left, this.#onOver);
  }

  pause(): void {
    if (this.#since === undefined) return;
    this.#cancel();
    this.#left = Math.max(0, this.#left - (this.#clock.mono() - this.#since));
    this.#since = undefined;
  }
}
