/** The last lines of what was said, for an error's message. */
const LINES = 5;
const CHARACTERS = 1000;

export class Tail {
  #lines: string[] = [];

  /** Of many lines only the last are looked at. */
  add(lines: readonly string[]): void {
    const last: string[] = [];
    for (let index = lines.length - 1; index >= 0 && last.length < LINES; index--) {
      const line = lines[index] as string;
      if (line.trim() !== '') last.unshift(line.length > CHARACTERS ? `${line.slice(0, CHARACTERS)}…` : line);
    }
    this.#lines = [...this.#lines, ...last].slice(-LINES);
  }

  /** The lines, one below the other. */
  text(): string {
    return this.#lines.join('\n');
  }
}
