/** Keeps the values of required variables out of what is stored. */

/** Shorter values would mask ordinary words. */
const SHORTEST = 8;
const MASK = '***';

export class Mask {
  readonly #secrets: readonly string[];

  /** Takes the values to hide; those of fewer than 8 characters are not hidden. */
  constructor(values: readonly string[]) {
    // Longest first: a value that contains another one is hidden as a whole.
    this.#secrets = values.filter(({ length }) => length >= SHORTEST).sort((a, b) => b.length - a.length);
  }

  text(text: string): string {
    return this.#secrets.reduce((masked, secret) => masked.replaceAll(secret, MASK), text);
  }

  /** The same in the strings and keys of JSON text; the text itself when nothing is to be hidden. */
  json(json: string): string {
    if (!this.#secrets.some((secret) => json.includes(inner(secret)))) return json;
    return JSON.stringify(this.value(JSON.parse(json)));
  }

  /** The same in the strings and keys of plain data. */
  value<T>(value: T): T {
    return (this.#secrets.length === 0 ? value : this.#walk(value)) as T;
  }

  #walk(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.#walk(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.text(key), this.#walk(item)]));
  }
}

/** A text as it stands inside a JSON string. */
const inner = (text: string): string => JSON.stringify(text).slice(1, -1);
