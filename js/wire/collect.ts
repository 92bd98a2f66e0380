/** What comes of code that returns its result piece by piece. */

/** What a submitted function results in: what it returns or resolves with; the items of an async iterable. */
export type ResultOf<R> =
  R extends AsyncGenerator<infer Item, infer Returned>
    ? // biome-ignore lint/suspicious/noConfusingVoidType: what a generator without `return` returns
      [Returned] extends [undefined | void]
      ? Item[]
      : Returned
    : R extends AsyncIterable<infer Item>
      ? Item[]
      : Awaited<R>;

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** Reads to the end; the result is what was returned, else the items. Told to end, it stops asking and lets go. */
export async function collect(
  source: AsyncIterable<unknown>,
  { signal }: { readonly signal: AbortSignal },
  tell: (item: unknown) => void,
): Promise<unknown> {
  const reader = new Reader(source[Symbol.asyncIterator](), signal);
  const items: unknown[] = [];
  for (;;) {
    const { done, value } = await reader.next();
    if (done === true) {
      reader.close();
      return value === undefined ? items : value;
    }
    try {
      items.push(value);
      tell(value);
    } catch (error) {
      await reader.letGo();
      throw error;
    }
  }
}

/** Reads an iterator until a signal says to end, also while it waits for an item. */
class Reader {
  readonly #iterator: AsyncIterator<unknown>;
  readonly #signal: AbortSignal;
  /** The item that is waited for. */
  #item: Promise<IteratorResult<unknown>> | undefined;
  #interrupt: (() => void) | undefined;

  constructor(iterator: AsyncIterator<unknown>, signal: AbortSignal) {
    this.#iterator = iterator;
    this.#signal = signal;
    signal.addEventListener('abort', this.#aborted);
  }

  readonly #aborted = (): void => this.#interrupt?.();

  /** The next item. Rejects when the iterator fails, and when it was let go because of the signal. */
  async next(): Promise<IteratorResult<unknown>> {
    if (!this.#signal.aborted) {
      const item = (async () => this.#iterator.next())();
      this.#item = item;
      const interrupted = new Promise<undefined>((resolve) => {
        this.#interrupt = () => resolve(undefined);
      });
      const result = await Promise.race([item, interrupted]);
      if (result !== undefined && !this.#signal.aborted) return result;
    }
    await this.letGo();
    throw this.#signal.reason;
  }

  /** Says that no more is wanted, and waits until nothing goes on: without `return`, until the item is there. */
  async letGo(): Promise<void> {
    this.close();
    try {
      if (this.#iterator.return === undefined) await this.#item;
      else await this.#iterator.return();
    } catch {
      // However it ended, it has.
    }
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#aborted);
  }
}
