import type { Platform } from '../core/runner.ts';

export type { Platform, Timer } from '../core/runner.ts';

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
