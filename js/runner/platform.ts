/** What a runner needs of its surroundings; tests bring a virtual clock. */
export interface Platform {
  /** Milliseconds of a clock that never steps. */
  mono(): number;
  /** Milliseconds since the epoch. */
  wall(): number;
  /** Calls back after so many milliseconds, at most 2^31 - 1. It keeps the process alive until `unref`. */
  timer(callback: () => void, ms: number): Timer;
  /** Calls back when timers and I/O have had their turn. */
  defer(callback: () => void): void;
}

export interface Timer {
  clear(): void;
  ref(): void;
  unref(): void;
}

/** The longest time that one timer can take, in milliseconds. */
export const MAX_TIMER = 2 ** 31 - 1;

/** Looked up once: what is global in Node is found anew each time. Not before it is needed: that it is made takes a while. */
let clock: typeof performance | undefined;

export const node: Platform = {
  mono() {
    clock ??= performance;
    return clock.now();
  },
  wall: Date.now,
  timer(callback, ms) {
    const timer = setTimeout(callback, ms);
    return {
      clear: () => clearTimeout(timer),
      ref: () => void timer.ref(),
      unref: () => void timer.unref(),
    };
  },
  defer: (callback) => void setImmediate(callback),
};
