import { HEAD, type Runner, WORD, wordsOfAll } from '../core/runner.ts';
import type { TaskError } from '../errors/index.ts';
import type { Entries } from './entries.ts';
import { type Entry, end, type Kept, type KeptPlain, type MakeEntry } from './entry.ts';

/** Does what the engine wants done. */
export interface Performer {
  /** Makes the entry of a task that was added. */
  readonly entry: MakeEntry;
  start(entry: Entry, attempt: number, epoch: number, resume: boolean): void;
  ended(entry: Entry, status: number, stopped: boolean): void;
  /** Whether its end calls no user code and asks the engine nothing: then it need not wait for its turn. */
  isSilent(entry: Entry, status: number): boolean;
  abort(entry: Entry, why: number): void;
  stopped(entry: Entry): void;
  restored(entry: Entry): void;
  event(entry: Entry, text: string): void;
  /** Nothing will be done any more. */
  died(error: TaskError): void;
}

/** Who is told what is about no task. */
interface Told {
  /** Nobody can ask for that id any more. */
  forget(id: string): void;
  /** Whether there is something to do, and whether that keeps the process. */
  keep(busy: boolean, holds: boolean): void;
  /** The time of that wait is over. */
  over(id: number): void;
}

/**
 * What the engine wants done, in its order.
 *
 * It is copied out of the buffer of all engines at once and done later: what is done calls user code, and user code may call
 * the runner again. A dropped task leaves its entry while it is copied, before the entry can be used again.
 */
export class Words {
  /** Another task can start now. */
  more = false;
  readonly #runner: Runner;
  readonly #entries: Entries;
  readonly #told: Told;
  readonly #base: number;
  #view: Float64Array;
  #texts: string[] = [];
  /** What the last dropped plain task has left, and its words: others that lived at the same time share it. */
  #kept: KeptPlain = { priority: 0, timeoutMs: 0, created: 0, started: 0, ended: 0 };
  readonly #keptWords = new Float64Array(5);
  /** Four items each: the kind, the entry it is about, and two numbers or a text. */
  readonly #items: (number | string | Entry | undefined)[] = [];
  #first = 0;
  #end = 0;

  constructor(runner: Runner, entries: Entries, base: number, told: Told) {
    this.#told = told;
    this.#runner = runner;
    this.#base = base;
    this.#entries = entries;
    this.#view = wordsOfAll();
  }

  /** Whether there is nothing to be done. */
  get isIdle(): boolean {
    return this.#first === this.#end;
  }

  /** Copies so many words; answers whether there may be more where they come from. */
  copy(count: number, performer: Performer): boolean {
    let view = this.#seen();
    this.more = view[0] === 1;
    for (let at = HEAD; at < count; ) {
      const kind = int(view, at);
      const entry = this.#entries.get(int(view, at + 1)) as Entry;
      switch (kind) {
        case WORD.start:
          // An epoch is above zero: its sign says whether the execution goes on.
          this.#push(kind, entry, int(view, at + 2), view[at + 4] === 1 ? -int(view, at + 3) : int(view, at + 3));
          at += 5;
          break;
        case WORD.ended:
          this.#ended(entry, int(view, at + 2), int(view, at + 3), performer);
          at += 4;
          break;
        case WORD.dropped:
          this.#drop(entry, this.#keep(view, at + 3));
          at += 8;
          break;
        case WORD.droppedRecord:
          this.#drop(entry, this.#text());
          view = this.#seen();
          at += 2;
          break;
        case WORD.event:
          this.#push(kind, entry, this.#text(), 0);
          view = this.#seen();
          at += 2;
          break;
        case WORD.restored:
          this.#push(kind, entry, 0, 0);
          at += 2;
          break;
        case WORD.over:
          this.#push(kind, undefined, int(view, at + 1), 0);
          at += 2;
          break;
        case WORD.keep:
          this.#told.keep(view[at + 1] === 1, view[at + 2] === 1);
          at += 3;
          break;
        default:
          this.#push(kind, entry, int(view, at + 2), 0);
          at += 3;
      }
    }
    return count > view.length - 16;
  }

  #ended(entry: Entry, status: number, stopped: number, performer: Performer): void {
    if (this.#first === this.#end && performer.isSilent(entry, status)) {
      performer.ended(entry, status, stopped === 1);
    } else {
      // Whoever asks sees it at once; whoever waits is told when it is its turn.
      end(entry, status, stopped === 1);
      this.#push(WORD.ended, entry, status, stopped);
    }
  }

  /** The next text that belongs to the words. They come all at once, which may let the memory grow. */
  #text(): string {
    if (this.#texts.length === 0) this.#texts = this.#runner.texts().split('\0\0');
    return this.#texts.shift() ?? '';
  }

  /** The buffer, also when the memory has grown since. */
  #seen(): Float64Array {
    if (this.#view.length === 0) this.#view = wordsOfAll();
    return this.#view;
  }

  /** What is left of a plain task, out of the words from there on. */
  #keep(view: Float64Array, at: number): KeptPlain {
    const last = this.#keptWords;
    const same =
      view[at + 4] === last[4] &&
      view[at + 3] === last[3] &&
      view[at + 2] === last[2] &&
      view[at + 1] === last[1] &&
      view[at] === last[0];
    return same ? this.#kept : this.#keepAnother(view, at);
  }

  #keepAnother(view: Float64Array, at: number): KeptPlain {
    this.#keptWords.set(view.subarray(at, at + 5));
    const [priority = 0, timeoutMs = 0, ...moments] = this.#keptWords;
    const [created = 0, started = 0, ended = 0] = moments.map((moment) => since(this.#base, moment));
    this.#kept = { priority, timeoutMs, created, started, ended };
    return this.#kept;
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
      case WORD.over:
        this.#told.over(a as number);
        break;
    }
    return true;
  }

  #push(kind: number, entry: Entry | undefined, a: number | string | undefined, b: number | undefined): void {
    const items = this.#items;
    const end = this.#end;
    items[end] = kind;
    items[end + 1] = entry;
    items[end + 2] = a;
    items[end + 3] = b;
    this.#end = end + 4;
  }

  #drop(entry: Entry, kept: Kept): void {
    this.#entries.set(entry.slot, undefined);
    entry.kept = kept;
    if (entry.extra?.id !== undefined) this.#told.forget(entry.extra.id);
  }
}

/** A small whole number: as one, it takes no memory of its own wherever it is kept. */
function int(view: Float64Array, at: number): number {
  return (view[at] as number) | 0;
}

/** Milliseconds from then on; as a small whole number where it can be one. */
function since(base: number, moment: number): number {
  const ms = moment - base;
  return ms >= 0 && ms < 2 ** 31 ? ms | 0 : ms;
}
