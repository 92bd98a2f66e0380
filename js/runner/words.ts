import { HEAD, type Runner, WORD, wordsOf } from '../core/runner.ts';
import type { Entry, Kept } from './entry.ts';

/** Does what the engine wants done. */
export interface Performer {
  start(entry: Entry, attempt: number, epoch: number, resume: boolean): void;
  ended(entry: Entry, status: number, stopped: boolean): void;
  /** Whether nobody is told of its end: then it calls no user code and need not wait for its turn. */
  isSilent(entry: Entry): boolean;
  abort(entry: Entry, why: number): void;
  stopped(entry: Entry): void;
  restored(entry: Entry): void;
  event(entry: Entry, text: string): void;
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
  readonly #forget: (id: string) => void;
  readonly #base: number;
  #view: Float64Array;
  /** Four items each: the kind, the entry it is about, and two numbers or a text. */
  readonly #items: (number | string | Entry | undefined)[] = [];
  #first = 0;
  #end = 0;

  constructor(runner: Runner, entries: (Entry | undefined)[], base: number, forget: (id: string) => void) {
    this.#runner = runner;
    this.#base = base;
    this.#entries = entries;
    this.#forget = forget;
    this.#view = wordsOf(runner);
  }

  /** Copies so many words; answers whether there may be more where they come from. */
  copy(count: number, performer: Performer): boolean {
    let view = this.#seen();
    this.wake = view[0] as number;
    this.busy = view[1] as number;
    let texts: string[] | undefined;
    for (let at = HEAD; at < count; ) {
      const kind = view[at] as number;
      const entry = this.#entries[view[at + 1] as number] as Entry;
      switch (kind) {
        case WORD.start:
          // An epoch is above zero: its sign says whether the execution goes on.
          this.#push(kind, entry, view[at + 2], (view[at + 3] as number) * (view[at + 4] === 1 ? -1 : 1));
          at += 5;
          break;
        case WORD.ended:
          if (this.#first === this.#end && performer.isSilent(entry)) {
            performer.ended(entry, view[at + 2] as number, view[at + 3] === 1);
          } else {
            // Whoever asks sees it at once; whoever waits is told when it is its turn.
            entry.end(view[at + 2] as number);
            this.#push(kind, entry, view[at + 2], view[at + 3]);
          }
          at += 4;
          break;
        case WORD.dropped:
          this.#drop(entry, {
            priority: view[at + 3] as number,
            timeoutMs: view[at + 4] as number,
            created: this.#since(view[at + 5] as number),
            started: this.#since(view[at + 6] as number),
            ended: this.#since(view[at + 7] as number),
          });
          at += 8;
          break;
        case WORD.droppedRecord:
          if (texts === undefined) {
            texts = this.#runner.texts().split('\0\0');
            view = this.#seen(); // they may have let the memory grow
          }
          this.#drop(entry, texts.shift() ?? '');
          at += 2;
          break;
        case WORD.event:
          if (texts === undefined) {
            texts = this.#runner.texts().split('\0\0');
            view = this.#seen(); // they may have let the memory grow
          }
          this.#push(kind, entry, texts.shift(), 0);
          at += 2;
          break;
        case WORD.restored:
          this.#push(kind, entry, 0, 0);
          at += 2;
          break;
        default:
          this.#push(kind, entry, view[at + 2], 0);
          at += 3;
      }
    }
    return count > view.length - 16;
  }

  /** The buffer, also when the memory has grown since. */
  #seen(): Float64Array {
    if (this.#view.length === 0) this.#view = wordsOf(this.#runner);
    return this.#view;
  }

  /** Small whole numbers, unlike others, take no memory of their own. */
  #since(moment: number): number {
    const ms = moment - this.#base;
    return ms >= 0 && ms < 2 ** 31 ? ms | 0 : ms;
  }

  /** Has the next thing done; false: there is none. */
  perform(performer: Performer): boolean {
    const at = this.#first;
    if (at === this.#end) return false;
    const items = this.#items;
    const entry = items[at + 1] as Entry;
    const a = items[at + 2];
    const b = items[at + 3] as number;
    items[at + 1] = undefined; // nothing is held longer than it is needed
    this.#first += 4;
    if (this.#first === this.#end) this.#first = this.#end = 0;
    switch (items[at]) {
      case WORD.start:
        performer.start(entry, a as number, Math.abs(b), b < 0);
        break;
      case WORD.ended:
        performer.ended(entry, a as number, b === 1);
        break;
      case WORD.abort:
        performer.abort(entry, a as number);
        break;
      case WORD.stopped:
        performer.stopped(entry);
        break;
      case WORD.restored:
        performer.restored(entry);
        break;
      case WORD.event:
        performer.event(entry, a as string);
        break;
    }
    return true;
  }

  #push(kind: number, entry: Entry, a: number | string | undefined, b: number | undefined): void {
    const items = this.#items;
    const end = this.#end;
    items[end] = kind;
    items[end + 1] = entry;
    items[end + 2] = a;
    items[end + 3] = b;
    this.#end = end + 4;
  }

  #drop(entry: Entry, kept: Kept): void {
    this.#entries[entry.slot] = undefined;
    entry.kept = kept;
    if (entry.extra?.id !== undefined) this.#forget(entry.extra.id);
  }
}
