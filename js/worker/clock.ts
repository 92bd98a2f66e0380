/** The time of a worker, as a port: a test runs workers on a clock of its own. */

export interface Clock {
  /** Wall time, milliseconds since the epoch. */
  now(): number;
  /** Monotonic time in milliseconds, from any beginning. */
  mono(): number;
  /** Calls back after so many milliseconds of monotonic time, never earlier; `Infinity` never comes. Returns what cancels it. */
  after(ms: number, callback: () => void): () => void;
}

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
