import type { Runner } from '../core/runner.ts';

/** Who asks the engine. */
interface Asking {
  ask<T>(question: (runner: Runner, now: number) => T): T;
}

/** The times of waits for single tasks. They are the driver's in wasm, which has one timer for all there is. */
export class WaitTimes {
  readonly #driver: Asking;
  readonly #callbacks = new Map<number, () => void>();
  #last = 0;

  constructor(driver: Asking) {
    this.#driver = driver;
  }

  /** Calls back when so many milliseconds are over; answers with how to end that. */
  after(ms: number, callback: () => void): () => void {
    if (ms === Number.POSITIVE_INFINITY) return () => {};
    this.#last = (this.#last + 1) >>> 0; // a number of 32 bits; nobody waits through so many others
    const id = this.#last;
    const until = this.#driver.ask((runner, now) => runner.tellAfter(id, ms, now));
    this.#callbacks.set(id, callback);
    return () => {
      if (this.#callbacks.delete(id)) this.#driver.ask((runner) => runner.tellNot(id, until));
    };
  }

  /** The time of that wait is over. */
  over(id: number): void {
    const callback = this.#callbacks.get(id);
    this.#callbacks.delete(id);
    callback?.();
  }

  /** Nobody will be told any more. */
  end(): void {
    this.#callbacks.clear();
  }
}
