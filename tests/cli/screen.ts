/** A terminal without glass: what a person sees of what was written, as far as our commands use one. */
import stringWidth from 'string-width';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
const PARTS = /\x1b\[([\d;?]*)([A-Za-z])|\x1b.|[\r\n\x07]|[^\x1b\r\n\x07]+/g;

/** Wide characters take two cells, the second of which is empty. */
export class Glass {
  readonly rows: number;
  readonly columns: number;
  /** What has scrolled away at the top. */
  readonly past: string[] = [];
  readonly #cells: string[][] = [[]];
  #row = 0;
  #column = 0;
  /** Sequences that are not known here: a test that meets one must say what it does. */
  readonly unknown: string[] = [];

  constructor(rows: number, columns: number) {
    this.rows = rows;
    this.columns = columns;
  }

  get lines(): string[] {
    return this.#cells.map((cells) => cells.join('').trimEnd());
  }

  /** All that is there, from the first line that is not empty to the last. */
  get text(): string {
    return this.lines.join('\n').trim();
  }

  get cursor(): { row: number; column: number } {
    return { row: this.#row, column: this.#column };
  }

  write(text: string): this {
    for (const [part, count, command] of text.matchAll(PARTS)) {
      if (command !== undefined) this.#command(command, count ?? '');
      else if (part === '\r') this.#column = 0;
      else if (part === '\n') this.#newLine();
      else if (part.startsWith('\x1b')) this.unknown.push(JSON.stringify(part));
      else if (part !== '\x07') for (const { segment } of new Intl.Segmenter().segment(part)) this.#put(segment);
    }
    return this;
  }

  #command(command: string, count: string): void {
    const n = Number(count) || 1;
    if (command === 'A') this.#row = Math.max(0, this.#row - n);
    else if (command === 'G') this.#column = n - 1;
    else if (command === 'K') this.#line.length = Math.min(this.#line.length, this.#column);
    else if (command === 'J') {
      this.#line.length = Math.min(this.#line.length, this.#column);
      this.#cells.length = this.#row + 1;
    } else if (command !== 'm') this.unknown.push(`${count}${command}`);
  }

  get #line(): string[] {
    while (this.#cells.length <= this.#row) this.#cells.push([]);
    return this.#cells[this.#row] as string[];
  }

  #newLine(): void {
    this.#row += 1;
    this.#line; // it is there from now on
    if (this.#row < this.rows) return;
    this.past.push((this.#cells.shift() as string[]).join('').trimEnd());
    this.#row -= 1;
  }

  #put(segment: string): void {
    const width = stringWidth(segment);
    if (this.#column + width > this.columns) {
      this.#newLine();
      this.#column = 0;
    }
    const line = this.#line;
    while (line.length < this.#column) line.push(' ');
    line[this.#column] = segment;
    if (width === 2) line[this.#column + 1] = '';
    this.#column += width;
  }
}
