/** Checks the fields of one file and collects everything that is wrong, each with its place. */
import type { RecipeProblem } from '../errors/index.ts';
import { hintFor } from '../wire/nearest.ts';
import type { Place, YamlFile } from './yaml.ts';

export type Fields = Record<string, unknown>;

/** Tells whether a value is a mapping: an object that is no array. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value to be checked: where it stands and what it is. */
export interface Slot {
  keys: readonly string[];
  value: unknown;
}

export class Checker {
  readonly problems: RecipeProblem[];
  readonly #file: YamlFile;

  constructor(file: YamlFile) {
    this.#file = file;
    this.problems = [...file.problems];
  }

  /** Notes that the value at `keys` is wrong; `part` says whether its key or the value itself is to blame. */
  report(keys: readonly string[], message: string, part: 'key' | 'value' = 'value'): void {
    const text = keys.length === 0 ? message : `${keys.join('.')}: ${message}`;
    this.problems.push({
      path: this.#file.file,
      ...(this.#file.where(keys, part) ?? this.#above(keys)),
      message: text,
    });
  }

  /** Where that stands in which something is missing. */
  #above(keys: readonly string[]): Place | undefined {
    const above = keys.slice(0, -1);
    return above.length === 0 ? undefined : (this.#file.where(above) ?? this.#above(above));
  }

  /** Where a value stands. */
  place(keys: readonly string[]): Place | undefined {
    return this.#file.where(keys);
  }

  /** Notes that a value is not of the expected form. */
  expected({ keys, value }: Slot, form: string): undefined {
    this.report(keys, `got ${shown(value)}, expected ${form}`);
    return undefined;
  }

  /** The slot under a key; `undefined` as value when there is none. */
  slot(fields: Fields, keys: readonly string[], key: string): Slot {
    return { keys: [...keys, key], value: Object.hasOwn(fields, key) ? fields[key] : undefined };
  }

  /** Reports every key that is not known, with the nearest one that is. */
  known(fields: Fields, keys: readonly string[], known: readonly string[]): void {
    for (const key of Object.keys(fields)) {
      if (known.includes(key)) continue;
      this.report([...keys, key], `unknown key; ${hintFor(key, known)}`, 'key');
    }
  }

  /** A mapping; absent and empty ones are `{}`. */
  mapping(slot: Slot): Fields {
    if (slot.value === undefined || slot.value === null) return {};
    if (isFields(slot.value)) return slot.value;
    this.expected(slot, 'a mapping');
    return {};
  }

  /** A text, or the default when it is absent. */
  text(slot: Slot, otherwise: string): string {
    if (slot.value === undefined) return otherwise;
    if (typeof slot.value === 'string') return slot.value;
    this.expected(slot, typeof slot.value === 'number' ? `a text: write "${slot.value}"` : 'a text');
    return otherwise;
  }

  /** A list of texts that fit; absent is `[]`. */
  texts(slot: Slot, form = 'a text', fits: (text: string) => boolean = () => true): string[] {
    if (slot.value === undefined) return [];
    if (!Array.isArray(slot.value)) {
      this.expected(slot, 'a list');
      return [];
    }
    for (const [index, value] of slot.value.entries()) {
      if (typeof value !== 'string' || !fits(value))
        this.expected({ keys: [...slot.keys, String(index)], value }, form);
    }
    return slot.value.filter((value) => typeof value === 'string');
  }
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (Array.isArray(value)) return 'a list';
  return isFields(value) ? 'a mapping' : String(value);
}
