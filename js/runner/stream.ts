import { onAbort } from '../wire/abort.ts';
import type { AbortSignal } from '../wire/globals.ts';

interface Reader<T> {
  resolve(result: IteratorResult<T>): void;
  reject(error: Error): void;
}

/** A queue that is read with `for await`. It ends when it is closed, when the reader leaves, or with the signal. */
export class Stream<T> implements AsyncIterableIterator<T> {
  readonly #waiting: Reader<T>[] = [];
  readonly #items: T[] = [];
  readonly #leave: (() => void)[] = [];
  #closed = false;
  #error: Error | undefined;

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
    else reader.resolve({ done: false, value: item });
  }

  /** What is in it can still be read. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const leave of this.#leave.splice(0)) leave();
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      if (this.#error === undefined) resolve({ done: true, value: undefined });
      else reject(this.#error);
    }
  }

  /** Nothing comes any more, and not because all is told: who reads on gets the error. */
  fail(error: Error): void {
    if (this.#closed) return;
    this.#error = error;
    this.close();
  }

  next(): Promise<IteratorResult<T>> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve({ done: false, value: item });
    if (this.#error !== undefined) return Promise.reject(this.#error);
    if (this.#closed) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
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
