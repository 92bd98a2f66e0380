import type { Execution } from './entry.ts';

/** Ends an execution with what it returned, or, failed, with what it threw. */
type End = (execution: Execution, failed: boolean, outcome: unknown) => void;

/** Tells how promises settle: one after the other, so that a task needs no callbacks of its own. */
class Follower {
  readonly #followers: Followers;
  #execution: Execution | undefined;

  constructor(followers: Followers) {
    this.#followers = followers;
  }

  /** To be called when it follows none. */
  follow(promise: Promise<unknown>, execution: Execution): void {
    promise.then(this.#fulfilled, this.#rejected);
    this.#execution = execution;
  }

  // They are called where they were given, which is outside of everybody's async context.
  readonly #fulfilled = (value: unknown): void => this.#followers.end(this.#leave(), false, value);
  readonly #rejected = (error: unknown): void => this.#followers.end(this.#leave(), true, error);

  #leave(): Execution {
    const execution = this.#execution as Execution;
    this.#execution = undefined;
    this.#followers.take(this);
    return execution;
  }
}

/** Free ones that are kept: about as many as run at once. */
const KEPT = 64;

/** As many as there are promises at a time. One whose promise never settles is not seen again. */
export class Followers {
  readonly end: End;
  readonly #free: Follower[] = [];

  constructor(end: End) {
    this.end = end;
  }

  /** The execution ends as the promise does, one whose callbacks are called once. */
  follow(promise: Promise<unknown>, execution: Execution): void {
    const follower = this.#free.pop() ?? new Follower(this);
    follower.follow(promise, execution);
  }

  /** Takes one back that follows none any more. */
  take(follower: Follower): void {
    if (this.#free.length < KEPT) this.#free.push(follower);
  }
}
