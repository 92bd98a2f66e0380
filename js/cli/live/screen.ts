/**
 * Lines that are redrawn in place on a terminal, in its normal screen: what stood above them stays there.
 *
 * 1. A frame is one write: lines are written over and what is left of the old ones is cut, nothing is cleared first, so that
 *    nothing flickers.
 * 2. A frame has fewer lines than the terminal, and none is wider than it: what has scrolled away could not be reached.
 * 3. The cursor is never hidden, and stands at the beginning of the line below the frame: whatever ends the process, the
 *    terminal is in order.
 */
import stringWidth from 'string-width';
import type { Out } from '../io.ts';

/** Of a terminal that does not know its own size. */
const COLUMNS = 80;
const ROWS = 24;

/** Where there is least, there is room for one line. */
const LEAST_ROWS = 2;

export class Screen {
  readonly #out: Out;
  readonly #write: Out['write'];
  #drawn: readonly string[] = [];
  #columns = 0;

  constructor(out: Out) {
    this.#out = out;
    this.#write = out.write;
  }

  /** From now on what is written there, a warning say, stands above the lines. Returns what ends that. */
  giveWayTo(out: Out): () => void {
    const { write } = out;
    out.write = (text) => {
      this.erase();
      write(text);
    };
    return () => {
      out.write = write;
    };
  }

  get columns(): number {
    return this.#out.columns || COLUMNS;
  }

  /** So many lines can be drawn. */
  get rows(): number {
    return Math.max(LEAST_ROWS, this.#out.rows || ROWS) - 1;
  }

  /** Puts these lines in the place of those that were drawn before; lines that do not fit are left out. */
  draw(lines: readonly string[]): void {
    const { columns } = this;
    const shown = lines.slice(0, this.rows);
    if (
      columns === this.#columns &&
      shown.length === this.#drawn.length &&
      shown.every((line, n) => line === this.#drawn[n])
    )
      return;
    const frame = shown.map((line) => `${line}${stringWidth(line) < columns ? TO_LINE_END : ''}\n`).join('');
    this.#write(`${this.#toTop()}${frame}${TO_SCREEN_END}`);
    this.#drawn = shown;
    this.#columns = columns;
  }

  /** Takes the lines away; the next ones are drawn where the cursor is then. */
  erase(): void {
    if (this.#drawn.length > 0) this.#write(`${this.#toTop()}${TO_SCREEN_END}`);
    this.#drawn = [];
  }

  /** Lets the lines stand; what is written next stands below them. */
  leave(): void {
    // the terminal may have shown a typed ^C there
    if (this.#drawn.length > 0) this.#write(`\r${TO_SCREEN_END}`);
    this.#drawn = [];
  }

  /** A narrower terminal has broken the lines that were drawn for a wider one. */
  #toTop(): string {
    const rows = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(stringWidth(line) / this.columns)), 0);
    return rows === 0 ? '\r' : `\r\x1b[${rows}A`;
  }
}

const TO_LINE_END = '\x1b[K';
const TO_SCREEN_END = '\x1b[J';
