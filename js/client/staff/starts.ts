/**
 * When a worker may be started while somebody waits: at once, and ever later while workers end with an error of their own,
 * as those of a broken installation do. One that was killed is no such sign. All in milliseconds.
 */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;

export class Starts {
  /** Why there is no worker, as far as was found out here. */
  problem: string | undefined;
  /** What was submitted last has a worker that can run it. */
  isServed = false;
  #pause = FIRST_PAUSE;
  #last = Number.NEGATIVE_INFINITY;

  mayStart(): boolean {
    return performance.now() >= this.#last + this.#pause;
  }

  started(): void {
    this.#last = performance.now();
  }

  /** How a worker ended that was started here, and what is to be said about that. */
  ended(code: number | null, problem?: string): void {
    const broken = code !== null && code !== 0;
    this.#pause = broken ? Math.min(LONGEST_PAUSE, this.#pause * 2) : FIRST_PAUSE;
    this.problem = problem;
  }

  /** The system refused. */
  failed(problem?: string): void {
    this.#pause = LONGEST_PAUSE;
    this.problem = problem;
  }
}
