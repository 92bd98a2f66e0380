interface Sharing {
  /** How many have not ended. */
  count: number;
  /** Called when all have. */
  over(): void;
}

/** Has asynchronous work done one after the other, in the order of asking; some of it beside the like. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #left = 0;
  /** Those that have the turn together, while they do. */
  #sharing: Sharing | undefined;

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
      if (this.#sharing === undefined) this.#begin();
      return this.#join(work);
    }
    return new Promise((resolve, reject) => {
      void this.take(
        () =>
          new Promise<void>((over) => {
            this.#sharing = { count: 0, over };
            this.#join(work).then(resolve, reject);
          }),
      );
    });
  }

  /** At once: nothing is under way. */
  #begin(): void {
    this.#left += 1;
    this.#last = new Promise<void>((resolve) => {
      const over = (): void => {
        this.#left -= 1;
        resolve();
      };
      this.#sharing = { count: 0, over };
    });
  }

  #join<T>(work: () => Promise<T>): Promise<T> {
    const sharing = this.#sharing as Sharing; // it is open
    sharing.count += 1;
    const leave = (): void => {
      sharing.count -= 1;
      if (sharing.count > 0) return;
      this.#sharing = undefined;
      sharing.over();
    };
    const mine = work();
    mine.then(leave, leave);
    return mine;
  }
}
