import type { Entry, Execution } from './entry.ts';

/** The code of a task has returned or, failed, thrown. `execution`: as it was known when it began to be followed, or since. */
export type End = (entry: Entry, execution: Execution | undefined, failed: boolean, outcome: unknown) => void;

/** Tells how promises settle: one after the other, so that a task needs no callbacks of its own. */
class Follower {
  readonly #followers: Followers;
  #entry: Entry | undefined;
  #execution: Execution | undefined;

  constructor(followers: Followers) {
    this.#followers = followers;
  }

  /** To be called when it follows none. */
  follow(promise: Promise<unknown>, entry: Entry): void {
    promise.then(this.#fulfilled, this.#rejected);
    this.#entry = entry;
    this.#execution = entry.execution;
  }

  // They are called where they were given, which is outside of everybody's async context.
  readonly #fulfilled = (value: unknown): void => this.#end(false, value);
  readonly #rejected = (error: unknown): void => this.#end(true, error);

  #end(failed: boolean, outcome: unknown): void {
    const entry = this.#entry as Entry;
    const execution = this.#execution ?? entry.execution;
    this.#entry = this.#execution = undefined;
    this.#followers.take(this);
    this.#followers.end(entry, execution, failed, outcome);
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

  /** The code of the task ends as the promise does, one whose callbacks are called once. */
  follow(promise: Promise<unknown>, entry: Entry): void {
    const follower = this.#free.pop() ?? new Follower(this);
    follower.follow(promise, entry);
  }

  /** Takes one back that follows none any more. */
  take(follower: Follower): void {
    if (this.#free.length < KEPT) this.#free.push(follower);
  }
}
