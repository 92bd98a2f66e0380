/** The last lines of what was said, for an error's message. */
const LINES = 5;
const CHARACTERS = 1000;

export class Tail {
  #lines: string[] = [];

  add(line: string): void {
    if (line.trim() === '') return;
    this.#lines.push(line.length > CHARACTERS ? `${line.slice(0, CHARACTERS)}…` : line);
    if (this.#lines.length > LINES) this.#lines.shift();
  }

  /** The lines, one below the other. */
  text(): string {
    return this.#lines.join('\n');
  }
}
