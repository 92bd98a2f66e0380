/** Reads what a process prints, no faster than can be of use. */
import type { Readable } from 'node:stream';

/** Milliseconds. */
const SPAN = 50;

/**
 * Tells a stream's text, so many characters in 50 ms at most. Whoever floods it is held up, as by any reader that is slower,
 * but never for longer than that: of a flood most would be thrown away, and reading it all takes a processor.
 */
export class Reading {
  readonly #stream: Readable;
  readonly #most: number;
  #since = Number.NEGATIVE_INFINITY;
  #read = 0;
  #isHurried = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(stream: Readable, most: number, tell: (text: string) => void) {
    this.#stream = stream;
    this.#most = most;
    stream.setEncoding('utf8');
    stream.on('error', () => {}); // it ends with its process
    stream.on('data', (text: string) => {
      this.#count(text.length);
      tell(text);
    });
  }

  /** What lies in the stream is wanted now, and for a flood there is no time any more. */
  hurry(): void {
    this.#isHurried = true;
    if (this.#timer !== undefined) this.#goOn();
  }

  /** From now on as before. */
  calm(): void {
    this.#isHurried = false;
  }

  #count(size: number): void {
    const now = performance.now();
    if (now - this.#since >= SPAN) {
      this.#since = now;
      this.#read = 0;
    }
    this.#read += size;
    if (this.#read < this.#most || this.#isHurried) return;
    this.#stream.pause();
    this.#timer ??= setTimeout(() => this.#goOn(), this.#since + SPAN - now).unref();
  }

  #goOn(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#stream.resume();
  }
}
