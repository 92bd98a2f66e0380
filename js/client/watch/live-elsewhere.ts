/**
 * Tasks that were submitted here and that some other process runs: they are known to live without a look.
 *
 * 1. One is known from the commit of its submit on, while all that has ended since is told, wherever that is heard of. Where it
 *    is not nothing is known any more: who waits looks.
 * 2. What has ended while a submit is under way may be of it: that is kept until its tasks are told.
 */

/** So many tasks are known, those that came last. */
const MOST = 10_000;

export class LiveElsewhere {
  readonly #ids = new Set<string>();
  /** What has ended while submits are under way. */
  readonly #ended = new Set<string>();
  #underWay = 0;
  #era = 0;

  /** Whether anybody wants to know what has ended. */
  get isEmpty(): boolean {
    return this.#ids.size + this.#underWay === 0;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** A submit is under way. To be told, once and whatever comes of it, which tasks it has made that somebody runs. */
  begin(): (ids: readonly string[]) => void {
    const era = this.#era;
    this.#underWay += 1;
    return (ids) => {
      this.#underWay -= 1;
      if (era === this.#era) for (const id of ids) if (!this.#ended.has(id)) this.#ids.add(id);
      if (this.#underWay === 0) this.#ended.clear();
      for (const oldest of this.#ids) {
        if (this.#ids.size <= MOST) break;
        this.#ids.delete(oldest);
      }
    };
  }

  end(ids: Iterable<string>): void {
    for (const id of ids) {
      this.#ids.delete(id);
      if (this.#underWay > 0) this.#ended.add(id);
    }
    if (this.#ended.size > MOST) this.forget(); // one submit or another may be under way all the time
  }

  /** What has ended was not told, or is not kept any more. */
  forget(): void {
    this.#ids.clear();
    this.#ended.clear();
    this.#era += 1;
  }
}
