/** Who is to be rung, by what he waits for. */
export class Rings {
  readonly #of = new Map<string, Set<() => void>>();
  #size = 0;
  #next = 0;

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** What is waited for. */
  get ids(): string[] {
    return [...this.#of.keys()];
  }

  /** Each call is one more, also with the same function. Returns what takes it away again. */
  add(id: string, ring: () => void): () => void {
    const rung = (): void => ring();
    const rings = this.#of.get(id) ?? new Set();
    this.#of.set(id, rings.add(rung));
    this.#size += 1;
    return () => {
      if (!rings.delete(rung)) return;
      this.#size -= 1;
      if (rings.size === 0 && this.#of.get(id) === rings) this.#of.delete(id);
    };
  }

  /** So many of what is waited for, each in its turn. */
  next(count: number): string[] {
    const ids = this.ids;
    const from = this.#next < ids.length ? this.#next : 0;
    this.#next = from + count;
    return ids.slice(from, this.#next);
  }

  /** Who leaves meanwhile is not rung. */
  ring(ids: Iterable<string> = this.ids): void {
    for (const id of ids) for (const ring of this.#of.get(id) ?? []) ring();
  }
}
