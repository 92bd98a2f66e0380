/** Has asynchronous work done one after the other, in the order of asking; some of it beside the like. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #left = 0;
  /** What has the turn together, while it does. */
  #sharing: Set<Promise<unknown>> | undefined;

  /** `share` begins at once: nothing is under way, or what shares alone, and nothing waits. */
  get isShared(): boolean {
    return this.#left === 0 || (this.#sharing !== undefined && this.#left === 1);
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

  /** The same, beside what shares the turn already, unless something else waits for it. Begins at once where it may. */
  share<T>(work: () => Promise<T>): Promise<T> {
    if (this.isShared) {
      if (this.#sharing === undefined) void this.take(this.#open());
      return this.#join(work);
    }
    return new Promise((resolve, reject) => {
      void this.take(() => {
        const shared = this.#open();
        this.#join(work).then(resolve, reject);
        return shared();
      });
    });
  }

  /** What has the turn until all that shares it has ended. */
  #open(): () => Promise<void> {
    const sharing = new Set<Promise<unknown>>();
    this.#sharing = sharing;
    return async () => {
      while (sharing.size > 0) await Promise.allSettled(sharing);
      this.#sharing = undefined;
    };
  }

  #join<T>(work: () => Promise<T>): Promise<T> {
    const sharing = this.#sharing as Set<Promise<unknown>>; // it is open
    const mine = work().finally(() => sharing.delete(mine));
    sharing.add(mine);
    return mine;
  }
}
