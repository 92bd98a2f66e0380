/** A clock that goes on only when a test says so. */
import type { Clock } from '#offstage/worker/clock.js';

export class VirtualClock implements Clock {
  #time: number;
  readonly #timers = new Set<{ at: number; callback: () => void }>();

  constructor(time = 0) {
    this.#time = time;
  }

  /** How many wait for their time. */
  get timers(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#time;
  }

  mono(): number {
    return this.#time;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#time + Math.max(0, ms), callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Time goes on, and nothing is called: code runs that lets no timer run. */
  drift(ms: number): void {
    this.#time += ms;
  }

  /** Calls what is due on the way, in order. */
  advance(ms: number): void {
    const end = this.#time + ms;
    for (let due = this.#next(end); due !== undefined; due = this.#next(end)) {
      this.#timers.delete(due);
      this.#time = Math.max(this.#time, due.at);
      due.callback();
    }
    this.#time = end;
  }

  #next(end: number) {
    return [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  }
}
