/**
 * Keeps the values of required variables out of what is stored.
 *
 * 1. Wherever a form of a value begins, all of it is covered, also where two overlap.
 * 2. What code reads back has its places noted beside it, never in it: a marker that occurs in a text is text.
 * 3. In names and keys a mark tells two values apart, but not what they are.
 */
import { keyedHash } from '../../store/key.ts';
import { CUT } from '../../wire/cut.ts';
import { noted } from './base64.ts';
import { type Form, formsOf, isHidden, numberText, quoted, type Secret } from './forms.ts';
import { isWholeToken, Place } from './place.ts';
import { MARKER, NUMBER, type Reference, type Refs, valueHash } from './refs.ts';
import { Search } from './search.ts';

/** Characters of a hash in a name. */
const DIGITS = 6;
/** What is left of a value in a text that was cut is hidden too, if it is as long as that. */
const SHORTEST_CUT = 4;

/** JSON text without values, and where they were; null: nowhere. */
export interface Masked {
  json: string;
  refs: string | null;
}

const NOTHING = new Search([]);

interface Pattern {
  variable: string;
  value: string;
  form: string;
  text: string;
  /** As it stands in JSON text. */
  quoted: string;
  /** It is how JavaScript writes the number that the value is. */
  isNumber: boolean;
}

/** A place that is to be hidden; `skip` characters of the form are hidden already by the one before. */
interface Hidden {
  at: number;
  end: number;
  pattern: Pattern;
  skip: number;
  as: 'text' | 'key' | 'number';
}

export class Mask {
  readonly secrets: readonly Secret[];
  readonly #key: () => Uint8Array;
  readonly #patterns: readonly Pattern[];
  readonly #search: Search;
  readonly #forms: Forms;
  readonly #names = new Map<string, string>();
  readonly #hashes = new Map<string, string>();

  /** Takes the values to hide; those of fewer than 8 characters are not hidden. `key`: the store's, asked for when needed. */
  constructor(secrets: readonly Secret[], key: () => Uint8Array) {
    this.#forms = formsFor(secrets);
    this.secrets = this.#forms.hidden;
    this.#key = key;
    this.#patterns = this.#forms.patterns;
    this.#search = this.#forms.search;
  }

  get isEmpty(): boolean {
    return this.#patterns.length === 0;
  }

  /** One that hides these values too. */
  with(secrets: readonly Secret[]): Mask {
    if (secrets.length === 0) return this;
    const known = new Set(this.secrets.map(({ variable, value }) => `${variable}\n${value}`));
    const more = secrets.filter(({ variable, value }) => !known.has(`${variable}\n${value}`));
    if (more.length === 0) return this;
    return new Mask(this.secrets.length === 0 ? secrets : [...this.secrets, ...more], this.#key);
  }

  /** A text for people. */
  text(text: string): string {
    if (this.#patterns.length === 0) return text;
    if (text.endsWith(CUT)) return this.end(text.slice(0, -CUT.length)) + CUT;
    return replaced(text, this.find(text), () => MARKER);
  }

  /** The same for a text that ended before its time: what is left of a value at its end is hidden too. */
  end(text: string): string {
    const tail = this.#search.tail(text);
    const hidden = this.find(text);
    const last = hidden.at(-1)?.end ?? 0;
    if (text.length - Math.max(tail, last) < SHORTEST_CUT) return replaced(text, hidden, () => MARKER);
    const at = Math.max(tail, last);
    return replaced(text.slice(0, at), hidden, () => MARKER) + MARKER;
  }

  /** A name, a key or the id of a session: the same one always becomes the same. */
  name(name: string): string {
    return replaced(name, this.find(name), ({ pattern }) => this.#mark(pattern.text));
  }

  /** JSON text for code, which gets it back by `restore`, and for people. It stays JSON. */
  json(json: string): Masked {
    const hidden = this.#findInJson(json);
    if (hidden.length === 0) return { json, refs: null };
    const places: Reference[] = [];
    const values: Refs['values'] = {};
    let grown = 0;
    const masked = replaced(json, hidden, ({ at, end, pattern, skip, as }) => {
      const marker = this.#marker(as, pattern);
      const form = as === 'number' ? NUMBER : pattern.form;
      const place = [at + grown, marker.length, pattern.variable, form] as const;
      places.push(skip > 0 ? [...place, skip] : [...place]);
      grown += marker.length - (end - at);
      this.#note(values, pattern);
      return marker;
    });
    return { json: masked, refs: JSON.stringify({ values, places } satisfies Refs) };
  }

  /** Plain data for people. */
  value<T>(value: T): T {
    return (this.#patterns.length === 0 ? value : this.#walk(value)) as T;
  }

  /** Places in a text, in order; they do not overlap. */
  find(text: string): Hidden[] {
    const found: Hidden[] = [];
    let covered = 0;
    this.#search.scan(text, (at, index) => {
      const pattern = this.#patterns[index] as Pattern;
      covered = cover(found, at, at + pattern.text.length, pattern, 'text', covered);
      return true;
    });
    return found;
  }

  /** Where the end of a text begins that may go on to be a value. */
  tail(text: string): number {
    return this.#search.tail(text);
  }

  /** Whether a value may begin with the text and go on. */
  begins(text: string): boolean {
    return text.length < this.#search.longest && this.#search.begins(text);
  }

  #findInJson(json: string): Hidden[] {
    if (this.#patterns.length === 0) return [];
    this.#forms.inJson ??= this.#patterns.every(({ text, quoted }) => text === quoted)
      ? this.#search
      : new Search(this.#patterns.map((pattern) => pattern.quoted));
    const place = new Place(json);
    const found: Hidden[] = [];
    let covered = 0;
    this.#forms.inJson.scan(json, (at, index) => {
      const pattern = this.#patterns[index] as Pattern;
      const end = at + pattern.quoted.length;
      if (end <= covered) return true;
      const where = place.go(at);
      if (where === undefined) return true; // no other one begins here either
      if (where === 'outside' && !(pattern.isNumber && isWholeToken(json, at, end))) return false;
      const as = where === 'outside' ? 'number' : place.isKey() ? 'key' : 'text';
      covered = cover(found, at, end, pattern, as, covered);
      return true;
    });
    return found;
  }

  #marker(as: Hidden['as'], { text }: Pattern): string {
    if (as === 'key') return this.#mark(text);
    return as === 'number' ? `"${MARKER}"` : MARKER;
  }

  #mark(text: string): string {
    const known = this.#names.get(text) ?? MARKER + keyedHash(this.#key(), `secret\n${text}`, DIGITS);
    this.#names.set(text, known);
    return known;
  }

  /** A variable that had two values has none that could be put in again unnoticed. */
  #note(values: Refs['values'], { variable, value }: Pattern): void {
    const hash = this.#hashes.get(value) ?? valueHash(this.#key(), value);
    this.#hashes.set(value, hash);
    values[variable] = (values[variable] ?? hash) === hash ? hash : '';
  }

  #walk(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (typeof value === 'number') return this.#isHiddenNumber(value) ? MARKER : value;
    if (Array.isArray(value)) return value.map((item) => this.#walk(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.name(key), this.#walk(item)]));
  }

  #isHiddenNumber(value: number): boolean {
    const text = String(value);
    return this.#patterns.some((pattern) => pattern.isNumber && pattern.text === text);
  }
}

/** All that is to be found of some values. It takes longer to make than most texts to search. */
interface Forms {
  hidden: readonly Secret[];
  patterns: readonly Pattern[];
  search: Search;
  /** The same as they stand in JSON, once that was asked for. */
  inJson?: Search;
}

const made = new WeakMap<readonly Secret[], Forms>();

function formsFor(secrets: readonly Secret[]): Forms {
  let forms = made.get(secrets);
  if (forms === undefined) {
    const hidden = secrets.filter(isHidden);
    const patterns = patternsOf(hidden);
    forms = {
      hidden,
      patterns,
      search: patterns.length === 0 ? NOTHING : new Search(patterns.map(({ text }) => text)),
    };
    made.set(secrets, forms);
  }
  return forms;
}

function patternsOf(secrets: readonly Secret[]): Pattern[] {
  const patterns = new Map<string, Pattern>();
  for (const { variable, value } of secrets) {
    const number = numberText(value);
    for (const form of formsOf(value)) {
      if (!patterns.has(form.text)) patterns.set(form.text, patternOf({ variable, value }, form, form.text === number));
    }
  }
  return [...patterns.values()];
}

const patternOf = (secret: Secret, { name, text }: Form, isNumber: boolean): Pattern => ({
  ...secret,
  form: noted(name, secret.value),
  text,
  quoted: quoted(text),
  isNumber,
});

/** Adds what is not covered yet; answers up to where it is covered then. */
function cover(found: Hidden[], at: number, end: number, pattern: Pattern, as: Hidden['as'], covered: number): number {
  if (end <= covered) return covered;
  const from = Math.max(at, covered);
  found.push({ at: from, end, pattern, skip: from - at, as });
  return end;
}

function replaced(text: string, hidden: readonly Hidden[], markerOf: (one: Hidden) => string): string {
  if (hidden.length === 0) return text;
  const parts: string[] = [];
  let last = 0;
  for (const one of hidden) {
    parts.push(text.slice(last, one.at), markerOf(one));
    last = one.end;
  }
  parts.push(text.slice(last));
  return parts.join('');
}
