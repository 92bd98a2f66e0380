import type { Entry } from './entry.ts';

const BITS = 10;
const SIZE = 1 << BITS;
const MASK = SIZE - 1;

/** The tasks of a runner by their entry in the engine: in pieces, so that none is ever copied because another one came. */
export class Entries {
  readonly #pieces: (Entry | undefined)[][] = [];

  get(slot: number): Entry | undefined {
    return this.#pieces[slot >> BITS]?.[slot & MASK];
  }

  set(slot: number, entry: Entry | undefined): void {
    const at = slot >> BITS;
    while (at >= this.#pieces.length) this.#pieces.push(new Array(SIZE).fill(undefined));
    (this.#pieces[at] as (Entry | undefined)[])[slot & MASK] = entry;
  }

  *[Symbol.iterator](): Generator<Entry> {
    for (const piece of this.#pieces) for (const entry of piece) if (entry !== undefined) yield entry;
  }
}
