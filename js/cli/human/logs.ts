/** What tasks have logged, warned of and put out, as plain text: a line that was logged is a line, a text that was put out is as it is. */
import type { TaskEventJson } from '../../wire/event.ts';
import { type Look, shown } from './look.ts';

/** The text of one task, as it grows. */
export class LogText {
  #isInLine = false;

  /** What the event adds to it; nothing for events that are no part of it. */
  add({ kind, data }: TaskEventJson): string {
    const { line, chunk, message } = (data ?? {}) as { line?: unknown; chunk?: unknown; message?: unknown };
    if (kind === 'log') return `${this.end()}${line}\n`;
    if (kind === 'warning') return `${this.end()}warning: ${message}\n`;
    if (kind !== 'output') return '';
    if (typeof chunk !== 'string') return `${this.end()}${JSON.stringify(chunk)}\n`;
    if (chunk !== '') this.#isInLine = !chunk.endsWith('\n');
    return chunk;
  }

  /** Ends the line that a text has begun. */
  end(): string {
    const end = this.#isInLine ? '\n' : '';
    this.#isInLine = false;
    return end;
  }
}

/** The same in whole lines, for what is shown beside the text of others. */
export class LogLines {
  readonly #text = new LogText();
  #rest = '';

  /** The lines that the event has ended. */
  add(event: TaskEventJson): string[] {
    return this.#take(this.#text.add(event));
  }

  /** The line that has not ended. */
  end(): string[] {
    return this.#take(this.#text.end());
  }

  #take(text: string): string[] {
    const lines = `${this.#rest}${text}`.split('\n');
    this.#rest = lines.pop() ?? '';
    return lines;
  }
}

/** Line ends and tabs stay, every other control character is shown, not sent. */
export const plain = (text: string, look: Pick<Look, 'utf8'>): string =>
  text
    .replaceAll('\r\n', '\n')
    .split(/([\n\t])/)
    .map((part) => (part === '\n' || part === '\t' ? part : shown(part, look)))
    .join('');
