import { invalid } from '../errors/index.ts';
import { eventFromJson, eventJson } from '../wire/convert.ts';
import { EVENT_KINDS, type EventKind, type EventOptions, type TaskEvent } from '../wire/event.ts';
import type { AbortSignal } from '../wire/globals.ts';
import type { Driver } from './driver.ts';
import { type Entry, watch } from './entry.ts';
import { checkObject } from './spec.ts';
import { Stream } from './stream.ts';

const ALL_OPTIONS = { signal: true };
const OPTIONS: Record<keyof EventOptions, true> = { after: true, follow: true, signal: true };

export type Listener<Kind extends EventKind = EventKind> = (event: TaskEvent<Kind>) => void;

/** What of a runner its events need. */
interface Surroundings {
  readonly driver: Driver;
  /** Somebody follows a live task, and says so when it is over. */
  hold(): void;
  release(): void;
  checkKept(entry: Entry): void;
  idOf(entry: Entry): string;
  callBack<A extends unknown[]>(entry: Entry, callback: (...args: A) => void, ...args: A): void;
}

/** Who listens to a runner's events. The engine tells of them only while somebody does. */
export class Hub {
  readonly #inner: Surroundings;
  readonly #listeners = new Set<(event: TaskEvent, entry: Entry) => void>();
  readonly #streams = new Set<Stream<TaskEvent>>();
  /** Those that follow one task. */
  readonly #following = new Set<Stream<TaskEvent>>();
  #closed = false;
  #isDead = false;

  constructor(inner: Surroundings) {
    this.#inner = inner;
  }

  /** Calls back for each event of that kind from now on; answers with how to end that. */
  on<Kind extends EventKind>(kind: Kind, listener: Listener<Kind>): () => void {
    if (!EVENT_KINDS.includes(kind)) throw invalid('kind', kind, EVENT_KINDS.join(', '));
    if (typeof listener !== 'function') throw invalid('listener', listener, 'a function');
    return this.#listen((event, entry) => {
      if (event.kind === kind) this.#inner.callBack(entry, listener as Listener, event);
    });
  }

  /** All events from now on, until the runner has stopped. */
  all(options: { signal?: AbortSignal | undefined }): AsyncIterableIterator<TaskEvent> {
    checkObject('options', options, ALL_OPTIONS);
    const stream = new Stream<TaskEvent>(options.signal);
    if (this.#closed) stream.close();
    this.#streams.add(stream);
    stream.onClose(() => this.#streams.delete(stream));
    stream.onClose(this.#listen((event) => stream.push(event)));
    return stream;
  }

  /** What happened to a task, and with `follow` what will. */
  of(entry: Entry, options: EventOptions): AsyncIterableIterator<TaskEvent> {
    checkObject('options', options, OPTIONS);
    const { after = 0, follow = false, signal } = options;
    if (!Number.isSafeInteger(after) || after < 0) throw invalid('after', after, 'a whole number from 0');
    const stream = new Stream<TaskEvent>(signal);
    let last = after;
    const push = (event: TaskEvent): void => {
      // What happened while user code is called may be read here before its listeners are told.
      if (event.seq > last) stream.push(event);
      last = Math.max(last, event.seq);
    };
    for (const event of this.past(entry, after)) push(event);
    if (!follow || this.#isOver(entry)) {
      stream.close();
      return stream;
    }
    this.#inner.hold();
    this.#following.add(stream);
    stream.onClose(() => {
      this.#following.delete(stream);
      this.#inner.release();
    });
    stream.onClose(
      this.#listen((event, from) => {
        if (from === entry) push(event);
      }),
    );
    stream.onClose(
      watch(entry, () => {
        if (this.#isOver(entry)) stream.close();
      }),
    );
    return stream;
  }

  past(entry: Entry, after: number): TaskEvent[] {
    this.#inner.checkKept(entry);
    const texts = this.#inner.driver.ask((runner) => runner.events(entry.slot, after));
    return texts === '' ? [] : texts.split('\0').map((text) => this.#read(entry, text));
  }

  tell(entry: Entry, text: string): void {
    if (this.#listeners.size === 0) return;
    const event = this.#read(entry, text);
    for (const listener of [...this.#listeners]) if (this.#listeners.has(listener)) listener(event, entry);
  }

  /** The wasm is dead: who reads hears it. */
  fail(error: Error): void {
    this.#closed = this.#isDead = true;
    for (const stream of [...this.#streams, ...this.#following]) stream.fail(error);
  }

  /** The runner has stopped: nothing happens any more. */
  close(): void {
    this.#closed = true;
    for (const stream of [...this.#streams]) stream.close();
  }

  #isOver(entry: Entry): boolean {
    return entry.ended >= 0 && entry.execution === undefined;
  }

  #read(entry: Entry, text: string): TaskEvent {
    const [numbers, data] = text.split('\u0001') as [string, string];
    return eventFromJson(eventJson(this.#inner.idOf(entry), { ...JSON.parse(numbers), data }));
  }

  #listen(listener: (event: TaskEvent, entry: Entry) => void): () => void {
    if (this.#listeners.size === 0) this.#inner.driver.ask((runner) => runner.observe(true));
    this.#listeners.add(listener);
    return () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
      if (!this.#isDead) this.#inner.driver.ask((runner) => runner.observe(false));
    };
  }
}
