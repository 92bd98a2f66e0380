/** Has asynchronous work done one after the other, in the order of asking. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #left = 0;

  /** Nothing is under way, and nothing waits. */
  get isFree(): boolean {
    return this.#left === 0;
  }

  /** Runs it when all that came before has ended. What it throws concerns only who asked. */
  take<T>(work: () => Promise<T>): Promise<T> {
    this.#left += 1;
    const mine = this.#last.then(work).finally(() => {
      this.#left -= 1;
    });
    this.#last = mine.catch(() => {});
    return mine;
  }
}
