import { HEAD, type Runner, WORD, wordsOf } from '../core/runner.ts';
import type { Entry } from './entry.ts';

/** One thing to do: its kind, the entry it is about, and two numbers or a text. */
export type Item = number | string | Entry | undefined;

const ITEMS = 4;

/** Things to do, first in first out. */
export class Todo {
  readonly #items: Item[] = [];
  #first = 0;
  #end = 0;

  push(kind: number, entry: Entry | undefined, a: Item, b: Item): void {
    const items = this.#items;
    items[this.#end++] = kind;
    items[this.#end++] = entry;
    items[this.#end++] = a;
    items[this.#end++] = b;
  }

  /** Hands out the next one; false: there is none. */
  next(perform: (kind: number, entry: Entry | undefined, a: Item, b: Item) => void): boolean {
    const at = this.#first;
    if (at === this.#end) return false;
    const items = this.#items;
    const entry = items[at + 1] as Entry | undefined;
    items[at + 1] = undefined; // nothing is held longer than it is needed
    this.#first += ITEMS;
    if (this.#first === this.#end) this.#first = this.#end = 0;
    perform(items[at] as number, entry, items[at + 2], items[at + 3]);
    return true;
  }
}

/**
 * What the engine wants done, in its order.
 *
 * It is copied out of the engine's buffer at once and done later: what is done calls user code, and user code may call
 * the runner again. A dropped task leaves its entry while it is copied, before the entry can be used again.
 */
export class Words {
  /** When the engine wants to be told the time, in monotonic milliseconds. */
  wake = Number.POSITIVE_INFINITY;
  /** How many tasks live and executions stop. */
  busy = 0;
  readonly #runner: Runner;
  readonly #entries: (Entry | undefined)[];
  readonly #forget: (entry: Entry) => void;
  #view: Float64Array;

  constructor(runner: Runner, entries: (Entry | undefined)[], forget: (entry: Entry) => void) {
    this.#runner = runner;
    this.#entries = entries;
    this.#forget = forget;
    this.#view = wordsOf(runner);
  }

  /** Copies so many words; answers whether there may be more where they come from. */
  copy(count: number, to: Todo): boolean {
    if (this.#view.length === 0) this.#view = wordsOf(this.#runner);
    const view = this.#view;
    this.wake = view[0] as number;
    this.busy = view[1] as number;
    if (count === HEAD) return false;
    let texts: string[] | undefined;
    for (let at = HEAD; at < count; ) {
      const kind = view[at] as number;
      const entry = this.#entries[view[at + 1] as number];
      switch (kind) {
        case WORD.start:
          // An epoch is above zero: its sign says whether the execution goes on.
          to.push(kind, entry, view[at + 2], (view[at + 3] as number) * (view[at + 4] === 1 ? -1 : 1));
          at += 5;
          break;
        case WORD.ended:
          to.push(kind, entry, view[at + 2], view[at + 3]);
          at += 4;
          break;
        case WORD.dropped:
          this.#drop(entry, view.slice(at + 2, at + 8));
          at += 8;
          break;
        case WORD.droppedRecord:
          texts ??= this.#runner.texts().split('\0\0');
          this.#drop(entry, texts.shift() ?? '');
          at += 2;
          break;
        case WORD.event:
          texts ??= this.#runner.texts().split('\0\0');
          to.push(kind, entry, texts.shift(), 0);
          at += 2;
          break;
        case WORD.restored:
          to.push(kind, entry, 0, 0);
          at += 2;
          break;
        default:
          to.push(kind, entry, view[at + 2], 0);
          at += 3;
      }
    }
    return count > view.length - 4 * ITEMS;
  }

  #drop(entry: Entry | undefined, kept: string | Float64Array): void {
    if (entry === undefined) return;
    this.#entries[entry.slot] = undefined;
    entry.kept = typeof kept === 'string' ? kept : Array.from(kept);
    this.#forget(entry);
  }
}
