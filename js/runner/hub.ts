import type { EventKind, EventOptions, TaskEvent } from '../wire/event.ts';
import type { Entry } from './entry.ts';
import type { Inner } from './inner.ts';
import { Stream } from './stream.ts';

export type Listener = (event: TaskEvent) => void;

/** Who listens to a runner's events. The engine tells of them only while somebody does. */
export class Hub {
  readonly #inner: Inner;
  readonly #listeners = new Set<(event: TaskEvent, entry: Entry) => void>();
  readonly #streams = new Set<Stream<TaskEvent>>();

  constructor(inner: Inner) {
    this.#inner = inner;
  }

  /** Calls back for each event of that kind from now on; answers with how to end that. */
  on(kind: EventKind, listener: Listener): () => void {
    return this.#listen((event) => {
      if (event.kind === kind) this.#inner.callBack(listener, event);
    });
  }

  /** All events from now on, until the runner has stopped. */
  all(signal?: AbortSignal): AsyncIterableIterator<TaskEvent> {
    const stop = this.#listen((event) => stream.push(event));
    const stream: Stream<TaskEvent> = new Stream(() => {
      this.#streams.delete(stream);
      stop();
    }, signal);
    this.#streams.add(stream);
    return stream;
  }

  /** What happened to a task, and with `follow` what will. */
  of(entry: Entry, { after = 0, follow = false, signal }: EventOptions): AsyncIterableIterator<TaskEvent> {
    let stop = (): void => {};
    const stream: Stream<TaskEvent> = new Stream(() => stop(), signal);
    const past = this.past(entry, after);
    for (const event of past) stream.push(event);
    if (!follow || this.#isOver(entry)) {
      stream.close();
      return stream;
    }
    const unlisten = this.#listen((event, from) => {
      if (from === entry) stream.push(event);
    });
    const unwatch = entry.watch(() => {
      if (this.#isOver(entry)) stream.close();
    });
    stop = () => {
      unlisten();
      unwatch();
    };
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
    for (const listener of [...this.#listeners]) listener(event, entry);
  }

  /** The runner has stopped: nothing happens any more. */
  close(): void {
    for (const stream of [...this.#streams]) stream.close();
  }

  #isOver(entry: Entry): boolean {
    return entry.ended >= 0 && entry.execution === undefined;
  }

  #read(entry: Entry, text: string): TaskEvent {
    const [numbers, data] = text.split('\u0001') as [string, string];
    const { seq, at, kind } = JSON.parse(numbers);
    return { taskId: this.#inner.idOf(entry), seq, at: new Date(at), kind, data: JSON.parse(data) };
  }

  #listen(listener: (event: TaskEvent, entry: Entry) => void): () => void {
    if (this.#listeners.size === 0) this.#inner.driver.ask((runner) => runner.observe(true));
    this.#listeners.add(listener);
    return () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
      this.#inner.driver.ask((runner) => runner.observe(false));
    };
  }
}
