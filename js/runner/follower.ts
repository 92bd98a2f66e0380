import type { Entry, Execution } from './entry.ts';

/** The code of a task has returned or, failed, thrown. `execution`: as it was known when it began to be followed, or since. */
export type End = (entry: Entry, execution: Execution | undefined, failed: boolean, outcome: unknown) => void;

type Follower = (promise: Promise<unknown>, of: Entry) => void;

/** Free ones that are kept: about as many as run at once. */
const KEPT = 64;

/** Tell how promises settle: each one after the other, so that a task needs no callbacks of its own. */
export class Followers {
  readonly #end: End;
  readonly #free: Follower[] = [];

  constructor(end: End) {
    this.#end = end;
  }

  /** The code of the task ends as the promise does, one whose callbacks are called once. */
  follow(promise: Promise<unknown>, of: Entry): void {
    const follower = this.#free.pop() ?? this.#make();
    follower(promise, of);
  }

  /** One whose promise never settles is not seen again. */
  #make(): Follower {
    let entry: Entry | undefined;
    let execution: Execution | undefined;
    // They are called where they were given, which is outside of everybody's async context.
    const fulfilled = (value: unknown): void => end(false, value);
    const rejected = (error: unknown): void => end(true, error);
    const end = (failed: boolean, outcome: unknown): void => {
      const [ended, known] = [entry as Entry, execution ?? entry?.execution];
      entry = execution = undefined;
      if (this.#free.length < KEPT) this.#free.push(follow);
      this.#end(ended, known, failed, outcome);
    };
    const follow = (promise: Promise<unknown>, of: Entry): void => {
      promise.then(fulfilled, rejected);
      entry = of;
      execution = of.execution;
    };
    return follow;
  }
}
