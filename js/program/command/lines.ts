/** Cuts a stream of text into lines; those of one piece of text are told together. */

/** Characters of one line that are kept at least; more than fits into an event. Whoever stores them cuts, with a mark. */
const LONGEST = 64 * 1024;

export class Lines {
  readonly #tell: (lines: string[]) => void;
  #rest = '';
  /** True while the end of a line that was too long is passed over. */
  #skipping = false;

  constructor(tell: (lines: string[]) => void) {
    this.#tell = tell;
  }

  add(text: string): void {
    const lines = text.split('\n');
    const open = lines.pop() as string;
    if (lines.length > 0) this.#endFirst(lines, text);
    if (!this.#skipping) this.#rest += open;
    if (this.#rest.length > LONGEST) {
      lines.push(this.#rest);
      this.#rest = '';
      this.#skipping = true;
    }
    if (lines.length > 0) this.#tell(lines);
  }

  /** Tells what is left of a line that was not ended. */
  flush(): void {
    const rest = this.#rest;
    this.#rest = '';
    this.#skipping = false;
    if (rest !== '') this.#tell([rest]);
  }

  /** What came before belongs to the first of them. */
  #endFirst(lines: string[], text: string): void {
    const hasReturns = text.includes('\r') || this.#rest.endsWith('\r');
    if (this.#skipping) lines.shift();
    else lines[0] = this.#rest + lines[0];
    this.#skipping = false;
    this.#rest = '';
    if (!hasReturns) return;
    lines.forEach((line, index) => {
      if (line.endsWith('\r')) lines[index] = line.slice(0, -1);
    });
  }
}
