/** Clocks that stand still until they are told otherwise. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Platform, Timer } from '#offstage/platform/types.js';

/** Where wall time begins. */
export const EPOCH = Date.UTC(2026, 0, 1);

interface Waiting {
  at: number;
  callback: () => void;
}

export class VirtualClock implements Platform {
  #mono = 0;
  #offset = EPOCH;
  readonly #timers = new Set<Waiting>();
  #deferred: (() => void)[] = [];

  mono(): number {
    return this.#mono;
  }

  wall(): number {
    return this.#mono + this.#offset;
  }

  timer(callback: () => void, ms: number): Timer {
    const waiting = { at: this.#mono + ms, callback };
    this.#timers.add(waiting);
    return { clear: () => void this.#timers.delete(waiting), ref: () => {}, unref: () => {} };
  }

  defer(callback: () => void): void {
    this.#deferred.push(callback);
  }

  stepWall(ms: number): void {
    this.#offset += ms;
  }

  /** Lets everything happen that is to happen at this moment. */
  async settle(): Promise<void> {
    do {
      for (const callback of this.#deferred.splice(0)) callback();
      await turn();
    } while (this.#deferred.length > 0);
  }

  /** From one timer to the next. */
  async advance(ms: number): Promise<void> {
    const until = this.#mono + ms;
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#timers.delete(next);
      this.#mono = Math.max(this.#mono, next.at);
      next.callback();
      await this.settle();
    }
    this.#mono = until;
  }

  #next(until: number): Waiting | undefined {
    const due = [...this.#timers].filter(({ at }) => at <= until);
    return due.reduce<Waiting | undefined>((first, one) => (first && first.at <= one.at ? first : one), undefined);
  }
}
