/**
 * Finds many patterns in one pass (Wu and Manber, 1994): blocks of three characters tell how far the next match is away
 * at least, so that most of a text is never looked at.
 */

/** Characters of a block, and how many kinds of blocks are told apart. */
const BLOCK = 3;
const KINDS = 1 << 16;

export class Search {
  readonly patterns: readonly string[];
  /** Of the longest pattern. */
  readonly longest: number;
  readonly #shortest: number;
  readonly #shifts: Uint8Array;
  /** By the block at the end of the first `#shortest` characters: the patterns, the longest first. */
  readonly #buckets = new Map<number, number[]>();
  readonly #sorted: readonly string[];
  /** The blocks that patterns begin with, and their first one and two characters. */
  readonly #begins = new Uint8Array(KINDS);
  readonly #short = new Set<string>();

  /** Patterns are not empty and have three characters or more. */
  constructor(patterns: readonly string[]) {
    this.patterns = patterns;
    this.longest = patterns.reduce((most, { length }) => Math.max(most, length), 0);
    this.#shortest = Math.min(255, ...patterns.map(({ length }) => length));
    this.#shifts = new Uint8Array(KINDS).fill(Math.max(1, this.#shortest - BLOCK + 1));
    this.#sorted = [...patterns].sort(byCode);
    for (const [index, pattern] of patterns.entries()) this.#add(pattern, index);
    for (const bucket of this.#buckets.values()) bucket.sort((a, b) => this.#length(b) - this.#length(a));
  }

  /**
   * Tells every place where patterns begin, in order; at each the longest first, until `hit` answers that it is taken.
   */
  scan(text: string, hit: (at: number, pattern: number) => boolean): void {
    if (this.patterns.length === 0) return;
    const shifts = this.#shifts;
    const { length } = text;
    for (let end = this.#shortest; end <= length; ) {
      const shift = shifts[blockAt(text, end - BLOCK)] as number;
      if (shift === 0) this.#tryAt(text, end - this.#shortest, blockAt(text, end - BLOCK), hit);
      end += shift === 0 ? 1 : shift;
    }
  }

  /** Where the longest end of the text stands that a pattern begins with and goes on after; the text's end if none does. */
  tail(text: string): number {
    const { length } = text;
    if (this.patterns.length === 0) return length;
    for (let at = Math.max(0, length - this.longest + 1); at < length; at++) {
      const begins = length - at >= BLOCK ? this.#begins[blockAt(text, at)] === 1 : this.#short.has(text.slice(at));
      if (begins && this.begins(text.slice(at))) return at;
    }
    return length;
  }

  /** Whether a pattern begins with the text and is longer. */
  begins(text: string): boolean {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] as string) <= text) low = middle + 1;
      else high = middle;
    }
    return this.#sorted[low]?.startsWith(text) ?? false;
  }

  #add(pattern: string, index: number): void {
    const most = this.#shortest - BLOCK;
    for (let at = 0; at <= most; at++) {
      const block = blockAt(pattern, at);
      this.#shifts[block] = Math.min(this.#shifts[block] as number, most - at);
    }
    const last = blockAt(pattern, most);
    this.#buckets.set(last, [...(this.#buckets.get(last) ?? []), index]);
    this.#begins[blockAt(pattern, 0)] = 1;
    this.#short.add(pattern.slice(0, 1)).add(pattern.slice(0, 2));
  }

  #tryAt(text: string, at: number, block: number, hit: (at: number, pattern: number) => boolean): void {
    for (const index of this.#buckets.get(block) ?? []) {
      if (text.startsWith(this.patterns[index] as string, at) && hit(at, index)) return;
    }
  }

  #length(index: number): number {
    return (this.patterns[index] as string).length;
  }
}

function blockAt(text: string, at: number): number {
  const mixed = (text.charCodeAt(at) << 10) ^ (text.charCodeAt(at + 1) << 5) ^ text.charCodeAt(at + 2);
  return mixed & (KINDS - 1);
}

const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
