/** A clock that only tests move, and what hangs on it. Nothing here waits for real time. */

import type { Platform, Timer } from '#offstage/platform/types.js';
import { BackgroundRunner, type RunnerOptions } from '#offstage/runner/index.js';

/** What Node cuts a longer timer to: it would ring at once. */
const LONGEST = 2 ** 31 - 1;

interface Armed {
  at: number;
  order: number;
  callback: () => void;
  held: boolean;
}

/** Lets all microtasks run, the ones that come up meanwhile included. */
export const microtasks = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

export class VirtualClock implements Platform {
  #mono = 1_000;
  #wallBefore = Date.UTC(2026, 0, 1) - 1_000;
  #order = 0;
  readonly #timers = new Set<Armed>();
  readonly #deferred: (() => void)[] = [];

  mono(): number {
    return this.#mono;
  }

  wall(): number {
    return this.#wallBefore + this.#mono;
  }

  timer(callback: () => void, ms: number): Timer {
    if (!(ms >= 0 && ms <= LONGEST)) throw new RangeError(`a timer of ${ms} ms`);
    this.#order += 1;
    const armed: Armed = { at: this.#mono + ms, order: this.#order, callback, held: true };
    this.#timers.add(armed);
    return {
      clear: () => void this.#timers.delete(armed),
      ref: () => {
        armed.held = true;
      },
      unref: () => {
        armed.held = false;
      },
    };
  }

  defer(callback: () => void): void {
    this.#deferred.push(callback);
  }

  /** How many timers are armed. */
  get timers(): number {
    return this.#timers.size;
  }

  /** How many of them keep the process alive. */
  get holding(): number {
    return [...this.#timers].filter(({ held }) => held).length;
  }

  /** Steps the wall clock apart from the monotonic one. */
  stepWall(ms: number): void {
    this.#wallBefore += ms;
  }

  /** Everything that needs no time happens. */
  async settle(): Promise<void> {
    await microtasks();
    while (this.#deferred.length > 0) {
      for (const callback of this.#deferred.splice(0)) callback();
      await microtasks();
    }
  }

  /** Time goes by: timers ring in their order, everything settles in between. */
  async advance(ms: number): Promise<void> {
    const until = this.#mono + ms;
    await this.settle();
    for (let next = this.#next(); next !== undefined && next.at <= until; next = this.#next()) {
      this.#ring(next);
      await this.settle();
    }
    this.#mono = until;
    await this.settle();
  }

  /** Time goes by within one piece of code: timers ring, nothing settles in between. */
  jump(ms: number): void {
    const until = this.#mono + ms;
    for (let next = this.#next(); next !== undefined && next.at <= until; next = this.#next()) this.#ring(next);
    this.#mono = until;
  }

  #next(): Armed | undefined {
    let first: Armed | undefined;
    for (const armed of this.#timers) {
      if (first === undefined || armed.at < first.at || (armed.at === first.at && armed.order < first.order)) {
        first = armed;
      }
    }
    return first;
  }

  #ring(armed: Armed): void {
    this.#timers.delete(armed);
    this.#mono = Math.max(this.#mono, armed.at);
    armed.callback();
  }
}

/** A runner on a clock of its own. */
export function virtual(options: RunnerOptions = {}): { runner: BackgroundRunner; clock: VirtualClock } {
  const clock = new VirtualClock();
  return { runner: new BackgroundRunner(options, clock), clock };
}
