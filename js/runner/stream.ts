import { onAbort } from '../wire/abort.ts';
import type { AbortSignal } from '../wire/globals.ts';

/** A queue that is read with `for await`. It ends when it is closed, when the reader leaves, or with the signal. */
export class Stream<T> implements AsyncIterableIterator<T> {
  readonly #waiting: ((result: IteratorResult<T>) => void)[] = [];
  readonly #items: T[] = [];
  readonly #leave: (() => void)[] = [];
  #closed = false;

  constructor(signal?: AbortSignal | undefined) {
    if (signal === undefined) return;
    if (signal.aborted) this.close();
    else this.onClose(onAbort(signal, () => this.close()));
  }

  /** Calls back once, when nobody reads any more; at once when that is so already. */
  onClose(leave: () => void): void {
    if (this.#closed) leave();
    else this.#leave.push(leave);
  }

  push(item: T): void {
    if (this.#closed) return;
    const reader = this.#waiting.shift();
    if (reader === undefined) this.#items.push(item);
    else reader({ done: false, value: item });
  }

  /** What is in it can still be read. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const leave of this.#leave.splice(0)) leave();
    for (const reader of this.#waiting.splice(0)) reader({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<T>> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve({ done: false, value: item });
    if (this.#closed) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<T>> {
    this.#items.length = 0;
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
