/** Objects that are put out one after the other and carry one text in pieces. */
import type { Mask } from './mask.ts';
import { clipped } from './stream.ts';

/** Shorter ends of a text in an object hold nothing back: many a word ends so. */
const SHORTEST_END = 3;
/** So many objects wait at most; then the oldest are told. */
const MOST_OBJECTS = 256;

/** An object that was put out, and where in its texts a value lies of which others have the rest. */
interface Item {
  value: unknown;
  hidden: Map<string, { at: number; end: number }[]>;
}

/** The texts at one place of objects that follow each other, as far as they are not decided. */
interface Run {
  text: string;
  parts: { item: Item; at: number; length: number }[];
}

/**
 * Objects that carry a text in pieces, as the deltas of a model. One is held back as a whole while a text of it may be the
 * beginning of a value, and those after it, so that all keep their places.
 */
export class Objects {
  #items: Item[] = [];
  /** Those of the last object; one without the place ends what was begun there. */
  #runs: ReadonlyMap<string, Run> = new Map();

  /** The objects that may be told now, in order. */
  add(mask: Mask, value: unknown): unknown[] {
    const item: Item = { value, hidden: new Map() };
    this.#items.push(item);
    const runs = textsOf(value).map(
      ([path, text]) => [path, goOn(mask, path, this.#runs.get(path), text, item)] as const,
    );
    this.#runs = new Map(runs.filter((run): run is readonly [string, Run] => run[1] !== undefined));
    const waiting = new Set(
      [...this.#runs.values()].filter(isHolding).flatMap(({ parts }) => parts.map((part) => part.item)),
    );
    const first = this.#items.findIndex((one) => waiting.has(one));
    const held = first < 0 ? 0 : Math.min(this.#items.length - first, MOST_OBJECTS);
    return this.#tell(mask, this.#items.length - held);
  }

  flush(mask: Mask): unknown[] {
    this.#runs = new Map();
    return this.#tell(mask, this.#items.length);
  }

  #tell(mask: Mask, count: number): unknown[] {
    return this.#items.splice(0, count).map(({ value, hidden }) => {
      const shown = hidden.size === 0 ? value : withTexts(value, (path, text) => without(text, hidden.get(path) ?? []));
      return mask.value(shown);
    });
  }
}

/** Notes what is hidden over the end of one text; answers with what is not decided, undefined when all is. */
function goOn(mask: Mask, path: string, run: Run | undefined, text: string, item: Item): Run | undefined {
  const before = run?.text ?? '';
  const parts = [...(run?.parts ?? []), { item, at: before.length, length: text.length }];
  const whole = before + text;
  for (const { at, end } of mask.find(whole)) {
    const over = parts.filter((part) => at < part.at + part.length && part.at < end);
    if (over.length < 2) continue; // it is found again in the one text
    for (const part of over) note(part.item.hidden, path, { at: at - part.at, end: end - part.at });
  }
  const tail = mask.tail(whole);
  if (tail === whole.length) return undefined;
  const open = parts.filter((part) => part.at + part.length > tail).map((part) => ({ ...part, at: part.at - tail }));
  return { text: whole.slice(tail), parts: open };
}

const isHolding = ({ text }: Run): boolean => text.length >= SHORTEST_END;

function note<T>(all: Map<string, T[]>, path: string, one: T): void {
  all.set(path, [...(all.get(path) ?? []), one]);
}

const without = (text: string, hidden: readonly { at: number; end: number }[]): string =>
  clipped(text, 0, text.length, hidden);

/** The texts in a value with their paths; keys are none. */
function textsOf(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => textsOf(item, `${path}/${key}`));
}

function withTexts(value: unknown, change: (path: string, text: string) => string, path = ''): unknown {
  if (typeof value === 'string') return change(path, value);
  if (Array.isArray(value)) return value.map((item, n) => withTexts(item, change, `${path}/${n}`));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withTexts(item, change, `${path}/${key}`)]),
  );
}
