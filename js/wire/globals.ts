/**
 * Types of what the platform has, so that the public declarations need neither `@types/node` nor the types of browsers.
 *
 * Where the program that is compiled declares the real thing, that is meant, so values go to `fetch` and come from
 * `AbortSignal.timeout` as they are; else the least of it that is used here.
 */

/** The program's `AbortSignal`. */
export type AbortSignal = typeof globalThis extends { AbortSignal: { prototype: infer Real } } ? Real : LeastSignal;

/** What is used of a signal. */
export interface LeastSignal {
  /** It was told to end. */
  readonly aborted: boolean;
  /** Why. */
  // biome-ignore lint/suspicious/noExplicitAny: as it is declared everywhere
  readonly reason: any;
  /** Throws the reason once it is aborted. */
  throwIfAborted(): void;
  /** Calls back when it is aborted. */
  addEventListener(type: 'abort', listener: (event: never) => void, options?: { once?: boolean }): void;
  /** Ends that. */
  removeEventListener(type: 'abort', listener: (event: never) => void): void;
}

/** The program's `URL`. */
export type URL = typeof globalThis extends { URL: { prototype: infer Real } } ? Real : LeastURL;

/** What is used of a URL. */
export interface LeastURL {
  /** All of it. */
  readonly href: string;
  /** Up to the colon, which is a part of it. */
  readonly protocol: string;
}

type AsyncDisposeKey = SymbolConstructor extends { readonly asyncDispose: infer Key extends symbol } ? Key : never;

/** Ends with `await using`, in a program that knows of it. */
export type AsyncDisposing = { [Key in AsyncDisposeKey]: () => Promise<void> };

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What is used of a stream. */
export interface LeastStream<T> {
  /** Somebody has a reader of it. */
  readonly locked: boolean;
  /** Ends it early. */
  cancel(reason?: unknown): Promise<void>;
  /** Takes it for oneself. */
  getReader(): {
    read(): Promise<{ done: false; value: T } | { done: true; value?: undefined }>;
    cancel(reason?: unknown): Promise<void>;
    releaseLock(): void;
  };
  /** Reads it to its end; leaving the loop cancels it. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T>;
}

/** The program's `ReadableStream`, of chunks of this type. */
export type TypedStream<T> = LeastStream<T> &
  (typeof globalThis extends { ReadableStream: { prototype: infer Real } } ? Real : unknown);

/** The program's `Response`. */
export type Response = typeof globalThis extends { Response: { prototype: infer Real } } ? Real : object;
