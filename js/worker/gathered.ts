/**
 * Facts on their way: merged where nothing is lost by it, and bounded.
 *
 * 1. They are taken in the order in which they were told, but for progress: only the last is kept, with what only one before it told; it goes along with the
 *    next take however small, and no bound touches it.
 * 2. Texts put out one after the other become one, of 4,096 characters of JSON at most. Any other output stays as it is.
 * 3. What was used is summed by model and step, and goes along with the next take: no bound touches it.
 * 4. Beyond the bounds, which are about what a task may have of events at all, the oldest go first and are counted in their place.
 */
import { laterProgress } from '../wire/progress.ts';
import { joined, type Used } from '../wire/usage.ts';
import type { Fact } from './protocol.ts';

/** Events kept at most, somewhat fewer than a task may have, so that the count of what was dropped stays; and their characters. */
export const MOST_EVENTS = 9_000;
export const MOST_SIZE = 16 * 1024 * 1024;
/** Characters of JSON up to which texts are joined. */
const JOINED = 4096;
/** Names of models that are told apart at a time. */
const MOST_MODELS = 100;
/** Lines up to which logs share an entry. */
const ENTRY_LINES = 256;

type Progress = Extract<Fact, { kind: 'progress' }>;
type UsageFact = Extract<Fact, { kind: 'usage' }>;
type Entry = Exclude<Fact, Progress | UsageFact>;

/** How much to take at most: events, and about how many characters. */
export interface Portion {
  events: number;
  size: number;
}

/** In the place of an entry that is gone: a flood's lines hold the whole texts that they were cut from. */
const GONE: Entry = { kind: 'left_out', events: 0 };

const ALL: Portion = { events: Number.POSITIVE_INFINITY, size: Number.POSITIVE_INFINITY };

export class Gathered {
  /** Those before `#first` are gone: shifting the array for each would cost too much. */
  #entries: Entry[] = [];
  #first = 0;
  #events = 0;
  #size = 0;
  #dropped = 0;
  /** `before`: the entry that it stands before. */
  #progress: { fact: Progress; before: number } | undefined;
  /** By model and step, and by whether the cost is known, and from whom. */
  readonly #usage = new Map<string, UsageFact>();

  /** Characters, progress not counted. */
  get size(): number {
    return this.#size;
  }

  get isEmpty(): boolean {
    return this.#events === 0 && this.#dropped === 0 && this.#progress === undefined && this.#usage.size === 0;
  }

  add(fact: Fact): void {
    if (fact.kind === 'progress') {
      const earlier = this.#progress?.fact;
      const told = earlier === undefined ? fact : { ...fact, ...laterProgress(earlier, fact) };
      this.#progress = { fact: told, before: this.#entries.length };
      return;
    }
    if (fact.kind === 'usage') {
      this.#use(fact);
      return;
    }
    const last = this.#first < this.#entries.length ? this.#entries.at(-1) : undefined;
    if (last === undefined || !join(last, fact)) this.#entries.push(copy(fact));
    else if (fact.kind !== 'log') this.#events -= 1;
    this.#count(fact, 1);
    while (this.#events > MOST_EVENTS || this.#size > MOST_SIZE) this.#dropOldest();
    this.#compact();
  }

  /** Takes the oldest, by default all, and before them the count of what was dropped. */
  take(most: Portion = ALL): Fact[] {
    const facts: Fact[] = this.#dropped > 0 ? [{ kind: 'left_out', events: this.#dropped }] : [];
    this.#dropped = 0;
    const end = { events: this.#events - most.events, size: this.#size - most.size };
    while (this.#first < this.#entries.length && this.#events > end.events && this.#size > end.size) {
      if (this.#progress !== undefined && this.#progress.before <= this.#first) facts.push(...this.#takeProgress());
      facts.push(this.#takeOldest({ events: this.#events - end.events, size: this.#size - end.size }));
    }
    facts.push(...this.#takeProgress(), ...this.#usage.values());
    this.#usage.clear();
    this.#compact();
    return facts;
  }

  /** Drops the oldest, so that so many events are left at most. */
  keepNewest(events: number): void {
    while (this.#events > events) this.#dropOldest(events);
  }

  clear(): void {
    this.#entries = [];
    this.#progress = undefined;
    this.#usage.clear();
    this.#first = this.#events = this.#size = this.#dropped = 0;
  }

  /** Of very many names the rest has none. */
  #use({ used }: UsageFact): void {
    const { model: _, step: __, ...unnamed } = used;
    const isNamed = this.#usage.size < MOST_MODELS || this.#usage.has(keyOf(used));
    const one: Used = isNamed ? used : unnamed;
    const known = this.#usage.get(keyOf(one));
    this.#usage.set(keyOf(one), { kind: 'usage', used: known === undefined ? one : joined(known.used, one) });
  }

  #takeProgress(): Fact[] {
    const facts = this.#progress === undefined ? [] : [this.#progress.fact];
    this.#progress = undefined;
    return facts;
  }

  /** The oldest entry, or as many lines of it as are wanted. */
  #takeOldest(most: Portion): Entry {
    const oldest = this.#entries[this.#first] as Entry;
    const lines = oldest.kind === 'log' ? countLines(oldest.lines, most) : 0;
    const isPart = oldest.kind === 'log' && lines < oldest.lines.length;
    const taken: Entry = isPart ? { kind: 'log', lines: oldest.lines.splice(0, lines) } : oldest;
    if (!isPart) this.#entries[this.#first++] = GONE;
    this.#count(taken, -1);
    return taken;
  }

  #dropOldest(most = MOST_EVENTS): void {
    const [events, size] = [this.#events - most, this.#size - MOST_SIZE];
    const gone = this.#takeOldest({ events: events > 0 ? events : 1, size: events > 0 ? ALL.size : size });
    this.#dropped += gone.kind === 'left_out' ? gone.events : eventsOf(gone);
  }

  #count(fact: Entry, sign: 1 | -1): void {
    this.#events += sign * eventsOf(fact);
    this.#size += sign * sizeOf(fact);
  }

  #compact(): void {
    if (this.#first < 1024 || this.#first * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#first);
    if (this.#progress !== undefined) this.#progress.before -= this.#first;
    this.#first = 0;
  }
}

const keyOf = ({ model = '', step = '', cost, cost_source: source = 'provider' }: Used): string =>
  `${cost === undefined ? '?' : source}\n${step}\n${model}`;

/** How many lines make up a portion, at least one. */
function countLines(lines: readonly string[], { events, size }: Portion): number {
  let count = 0;
  for (let left = size; count < lines.length && count < events && left > 0; count++) left -= lines[count]?.length ?? 0;
  return Math.max(1, count);
}

const copy = (fact: Entry): Entry => (fact.kind === 'log' ? { ...fact, lines: [...fact.lines] } : { ...fact });

const eventsOf = (fact: Entry): number => (fact.kind === 'log' ? fact.lines.length : 1);

function sizeOf(fact: Entry): number {
  if (fact.kind === 'log') return fact.lines.reduce((sum, { length }) => sum + length, 0);
  if (fact.kind === 'warning') return fact.warning.message.length;
  if (fact.kind !== 'output') return 0;
  return isText(fact.chunk) ? fact.chunk.length - 2 : fact.chunk.length; // so that joining does not change the sum
}

/** Lets the last entry take the next fact in; false where they stay two. */
function join(last: Entry, next: Entry): boolean {
  if (last.kind === 'log' && next.kind === 'log' && last.lines.length + next.lines.length <= ENTRY_LINES) {
    last.lines.push(...next.lines);
    return true;
  }
  if (last.kind === 'output' && next.kind === 'output' && joins(last.chunk, next.chunk)) {
    last.chunk = last.chunk.slice(0, -1) + next.chunk.slice(1);
    return true;
  }
  return false;
}

const isText = (json: string): boolean => json.startsWith('"');

const joins = (last: string, next: string): boolean =>
  isText(last) && isText(next) && last.length + next.length <= JOINED;
