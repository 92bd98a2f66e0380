/** What a task puts out, as a stream of the platform: read by `for await`, piped, or sent to a browser. */
import { checkNumber, checkObject } from './check.ts';
import type { EventOptions, TaskEvent } from './event.ts';
import type { AbortSignal, TypedStream } from './globals.ts';

/** Which output of a task. */
export interface OutputOptions {
  /** Only what came after this `seq`: that of a stream that was read before. Default 0: all that is kept. */
  after?: number | undefined;
  /** Aborting it ends the stream with the signal's reason; the task runs on. */
  signal?: AbortSignal | undefined;
}

/**
 * The chunks of a task in order, as its code gave them. It closes when the task has completed, and ends with the error of
 * `wait` when the task failed or was cancelled. Leaving it (`break`, `cancel()`) changes nothing about the task.
 */
export type OutputStream<Chunk = unknown> = TypedStream<Chunk> & {
  /** Of the chunk that was read last; give it as `after` to go on behind it, from any process. */
  readonly seq: number;
};

/** The task that puts out: either kind of handle. */
interface Source {
  events(options: EventOptions): AsyncIterable<TaskEvent>;
  wait(): Promise<unknown>;
}

export const OUTPUT_KEYS: Record<keyof OutputOptions, true> = { after: true, signal: true };

/** Nothing is read ahead, so that `seq` is that of what the reader has. */
export function outputStream<Chunk>(task: Source, options: OutputOptions = {}): OutputStream<Chunk> {
  checkObject('options', options, OUTPUT_KEYS);
  const { after = 0, signal } = options;
  const reader = new OutputReader(task, checkNumber('after', after, 0), signal);
  const stream = new ReadableStream<unknown>(
    {
      pull: (controller) => reader.pull(controller),
      cancel: () => reader.leave(),
    },
    { highWaterMark: 0 },
  );
  return Object.defineProperty(stream, 'seq', { get: () => reader.seq }) as unknown as OutputStream<Chunk>;
}

class OutputReader {
  seq: number;
  readonly #task: Source;
  readonly #signal: AbortSignal | undefined;
  readonly #events: AsyncIterator<TaskEvent>;

  constructor(task: Source, after: number, signal: AbortSignal | undefined) {
    this.seq = after;
    this.#task = task;
    this.#signal = signal;
    this.#events = task.events({ after, follow: true, signal })[Symbol.asyncIterator]();
  }

  /** What it throws errs the stream. */
  async pull(controller: ReadableStreamDefaultController<unknown>): Promise<void> {
    for (;;) {
      const { done, value: event } = await this.#events.next();
      if (done || event.kind === 'completed' || event.kind === 'failed' || event.kind === 'cancelled') break;
      if (event.kind !== 'output') continue;
      this.seq = event.seq;
      controller.enqueue(event.data.chunk);
      return;
    }
    await this.leave();
    this.#signal?.throwIfAborted();
    await this.#task.wait();
    controller.close();
  }

  async leave(): Promise<void> {
    await this.#events.return?.();
  }
}
