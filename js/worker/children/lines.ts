/** Cuts a stream of text into lines. */
import { cut } from '../../wire/cut.ts';

/** Characters of one line that are kept; more than fits into an event. */
const LONGEST = 64 * 1024;

export class Lines {
  readonly #tell: (line: string) => void;
  #rest = '';
  /** True while the end of a line that was too long is passed over. */
  #skipping = false;

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  add(text: string): void {
    const parts = text.split('\n');
    const last = parts.pop() ?? '';
    for (const part of parts) this.#endLine(part);
    this.#rest += last;
    if (this.#rest.length <= LONGEST) return;
    if (!this.#skipping) this.#tell(cut(this.#rest));
    this.#skipping = true;
    this.#rest = '';
  }

  /** Tells what is left of a line that was not ended. */
  flush(): void {
    if (this.#rest !== '' && !this.#skipping) this.#tell(cut(this.#rest));
    this.#rest = '';
    this.#skipping = false;
  }

  #endLine(part: string): void {
    const line = this.#rest + part;
    this.#rest = '';
    if (!this.#skipping) this.#tell(cut(line.endsWith('\r') ? line.slice(0, -1) : line));
    this.#skipping = false;
  }
}
