type Ring = () => void;

/** Who is to be rung, by what he waits for. */
export class Rings {
  /** Nearly always there is one. */
  readonly #of = new Map<string, Ring | Set<Ring>>();
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
    const others = this.#of.get(id);
    if (others === undefined) this.#of.set(id, rung);
    else if (others instanceof Set) others.add(rung);
    else this.#of.set(id, new Set([others, rung]));
    this.#size += 1;
    return () => {
      if (this.#take(id, rung)) this.#size -= 1;
    };
  }

  /** False when it was taken away before. */
  #take(id: string, rung: Ring): boolean {
    const rings = this.#of.get(id);
    if (rings === rung) return this.#of.delete(id);
    if (!(rings instanceof Set) || !rings.delete(rung)) return false;
    if (rings.size === 0) this.#of.delete(id);
    return true;
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
    for (const id of ids) {
      const rings = this.#of.get(id);
      if (rings instanceof Set) for (const ring of rings) ring();
      else rings?.();
    }
  }
}
