/** The clock of a worker process: it stands still until the harness sets it. */
import type { Clock } from '#offstage/worker/clock.js';

interface Waiting {
  at: number;
  callback: () => void;
}

/** What all processes are told of the time. */
export interface Moment {
  mono: number;
  wall: number;
}

export class SetClock implements Clock {
  #moment: Moment;
  readonly #timers = new Set<Waiting>();

  constructor(moment: Moment) {
    this.#moment = moment;
  }

  readonly now = (): number => this.#moment.wall;

  mono(): number {
    return this.#moment.mono;
  }

  after(ms: number, callback: () => void): () => void {
    if (ms === Number.POSITIVE_INFINITY) return () => {};
    const waiting = { at: this.#moment.mono + Math.max(0, ms), callback };
    this.#timers.add(waiting);
    return () => void this.#timers.delete(waiting);
  }

  /** Sets the time and calls whose time has come, in its order. Answers how many. */
  set(moment: Moment): number {
    this.#moment = moment;
    const due = [...this.#timers].filter(({ at }) => at <= moment.mono).sort((a, b) => a.at - b.at);
    for (const one of due) if (this.#timers.delete(one)) one.callback();
    return due.length;
  }

  /** When the next timer is due, on the monotonic clock; null for never. */
  next(): number | null {
    return [...this.#timers].reduce<number | null>((min, { at }) => Math.min(min ?? at, at), null);
  }
}
