/** Why a child process is not there to run something. */
import { gistOf } from '../gist.ts';
import { NotBegunError } from '../not-begun.ts';

/** A process could not be started, or ended or fell silent before it was ready. The next one may do better. */
export class StartError extends Error {
  override readonly name = 'StartError';
  /** The message, and all that it printed: for the log. */
  readonly whole: string;

  constructor(message: string, printed = '') {
    super(message);
    this.whole = message.includes(printed) ? message : `${message}\n${printed}`;
  }
}

/** The process is of another version of the package: this one was replaced under its worker. */
export class OtherVersionError extends NotBegunError {}

/** Lines that are kept of what a process prints before it is ready, and their bytes. */
const MOST_LINES = 30;
const MOST_BYTES = 4096;

/** What a process has printed: its last lines. */
export class Printed {
  #lines: string[] = [];

  add(line: string): void {
    if (line.trim() === '') return;
    this.#lines.push(line.slice(0, MOST_BYTES));
    while (this.#lines.length > MOST_LINES || this.text().length > MOST_BYTES) this.#lines.shift();
  }

  text(): string {
    return this.#lines.join('\n');
  }

  /** A sentence about its end, and below it what is worth telling of what it printed. */
  under(sentence: string): string {
    return this.#lines.length === 0 ? sentence : `${sentence}:\n${gistOf(this.#lines).join('\n')}`;
  }
}
