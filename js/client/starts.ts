/**
 * When a worker may be started while somebody waits: at once, and after that ever later, so that one that dies as soon as it
 * runs, because its installation is broken, is not started every second. All in milliseconds.
 */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;
/** One that was not needed anew for so long after the pause has worked, so the next ones count anew. */
const WORKED = 5_000;

export class Starts {
  #pause = FIRST_PAUSE;
  #last = Number.NEGATIVE_INFINITY;

  mayStart(): boolean {
    return performance.now() >= this.#last + this.#pause;
  }

  started(): void {
    const now = performance.now();
    this.#pause = now > this.#last + this.#pause + WORKED ? FIRST_PAUSE : Math.min(LONGEST_PAUSE, this.#pause * 2);
    this.#last = now;
  }

  /** The system refused. */
  failed(): void {
    this.#pause = LONGEST_PAUSE;
  }
}
