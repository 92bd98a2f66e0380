/**
 * The text of an answer on its way to the task's events: the first piece at once, then what has gathered for 50 ms, or 4 KiB
 * of it.
 */

/** Milliseconds. */
const SPAN = 50;
/** Characters. */
const ENOUGH = 4096;

export class OutputFlow {
  readonly #put: (text: string) => void;
  #held = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(put: (text: string) => void) {
    this.#put = put;
  }

  add(text: string): void {
    if (text === '') return;
    this.#held += text;
    if (this.#timer === undefined) {
      this.#send();
      this.#timer = setTimeout(() => this.#tick(), SPAN);
    } else if (this.#held.length >= ENOUGH) this.#send();
  }

  /** Sends what is held back. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#send();
  }

  /** As long as something comes, every so often. */
  #tick(): void {
    this.#timer = undefined;
    if (this.#held === '') return;
    this.#send();
    this.#timer = setTimeout(() => this.#tick(), SPAN);
  }

  #send(): void {
    const text = this.#held;
    this.#held = '';
    for (let at = 0; at < text.length; at += ENOUGH) this.#put(text.slice(at, at + ENOUGH));
  }
}
