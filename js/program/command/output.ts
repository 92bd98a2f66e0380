/** What a program writes to stdout: progress and, in the end, its result. */
import { LIMITS } from '../../wire/serialize.ts';
import { problemOf, TextStream } from '../../wire/text.ts';
import { ResultError } from '../result-error.ts';
import { Tail } from './tail.ts';

/** How the lines begin that are no text. */
const MARKS = ['::progress', '::data'];
const PROGRESS = /^::progress[ \t]+(\S+)(?:[ \t]+(.*))?$/;
const DATA = /^::data[ \t]+(.+)$/;

/** Told of a program's progress, as `ctx.progress` is. */
export type TellProgress = (fraction?: number, message?: string, data?: unknown) => void;

/** Characters of a line that may still be one of progress; a longer one is text. */
const LONGEST = 64 * 1024;

export class Output {
  readonly #progress: TellProgress;
  readonly #text: (text: string) => void;
  readonly #parts: string[] = [];
  readonly #stream = new TextStream();
  #bytes = 0;
  /** The beginning of a line that may yet become one of progress. */
  #rest = '';
  /** Whether what comes next belongs to a line that is text. */
  #inText = false;
  #tooLong = false;

  /** `text` is told all but the lines of progress, as it comes. */
  constructor(progress: TellProgress, text: (text: string) => void = () => {}) {
    this.#progress = progress;
    this.#text = text;
  }

  /** `add` of what a program has written. */
  read(bytes: Uint8Array): boolean {
    return this.add(this.#stream.add(bytes));
  }

  /** False once there is more than a result may have; what comes then is not kept. */
  add(chunk: string): boolean {
    const text = this.#rest + chunk;
    this.#rest = '';
    let at = 0;
    for (let line = this.#nextMark(text, at); line >= 0; line = this.#nextMark(text, at)) {
      this.#keep(text.slice(at, line));
      const end = text.indexOf('\n', line);
      if (end < 0) {
        this.#hold(text.slice(line));
        return !this.#tooLong;
      }
      this.#endLine(text.slice(line, end + 1));
      at = end + 1;
    }
    this.#addText(text.slice(at));
    return !this.#tooLong;
  }

  /** What to throw when there was more. */
  tooLong(): ResultError {
    return new ResultError(`stdout has more than the limit of a result, ${LIMITS.value} bytes`);
  }

  /**
   * The last line if it is JSON, else all of the text without the line end behind it. `ResultError` for a result that was no
   * UTF-8; other lines may be anything.
   */
  result(): unknown {
    this.add(this.#stream.end());
    if (this.#rest !== '') this.#endLine(this.#rest);
    this.#rest = '';
    const text = this.#parts.join('').replace(/\r?\n$/, '');
    const lastLine = text.trimEnd().split('\n').at(-1) ?? '';
    try {
      const result: unknown = JSON.parse(lastLine);
      this.#refuseGarbled(lastLine);
      return result;
    } catch (error) {
      if (error instanceof ResultError) throw error;
      this.#refuseGarbled(text);
      return text;
    }
  }

  #refuseGarbled(result: string): void {
    const isGarbled = this.#stream.garbled && result.includes('\ufffd');
    const problem = problemOf(result) ?? (isGarbled ? 'has other bytes' : undefined);
    if (problem !== undefined)
      throw new ResultError(`stdout: expected text in UTF-8 for the result, but it ${problem}`);
  }

  /** The last lines, for an error of a program that wrote none to stderr. */
  tail(): string {
    const tail = new Tail();
    tail.add(this.#parts.slice(-100).join('').slice(-LONGEST).split('\n'));
    return tail.text();
  }

  /** Where the next line that begins as one of progress does; -1: nowhere. */
  #nextMark(text: string, from: number): number {
    let at = from > 0 || !this.#inText ? from : nextLine(text, from);
    while (at >= 0 && !MARKS.some((mark) => text.startsWith(mark, at))) at = nextLine(text, at);
    return at;
  }

  /** Keeps a text without such a line, but for an end that may become the beginning of one. */
  #addText(text: string): void {
    const line = text.lastIndexOf('\n') + 1;
    const isUndecided = (line > 0 || !this.#inText) && MARKS.some((mark) => mark.startsWith(text.slice(line)));
    this.#keep(isUndecided ? text.slice(0, line) : text);
    this.#rest = isUndecided ? text.slice(line) : '';
  }

  /** A line that began as one of progress and goes on. */
  #hold(line: string): void {
    if (line.length <= LONGEST) this.#rest = line;
    else this.#keep(line);
  }

  #endLine(line: string): void {
    this.#inText = false;
    if (!this.#tells(line.trimEnd())) this.#keep(line);
  }

  /** False: what it says is none, so it is text. */
  #tells(line: string): boolean {
    const [, number, message] = PROGRESS.exec(line) ?? [];
    if (number !== undefined && !Number.isNaN(Number(number))) {
      this.#progress(Number(number), message);
      return true;
    }
    const [, json] = DATA.exec(line) ?? [];
    const data = json === undefined ? undefined : parsed(json);
    if (data !== undefined) this.#progress(undefined, undefined, data);
    return data !== undefined;
  }

  #keep(text: string): void {
    if (text === '' || this.#tooLong) return;
    this.#inText = !text.endsWith('\n');
    this.#bytes += Buffer.byteLength(text);
    // A line end behind the text is not part of the result.
    this.#tooLong = this.#bytes > LIMITS.value + 2;
    if (this.#tooLong) return;
    this.#parts.push(text);
    this.#text(text);
  }
}

/** Where the next line that may be none of text begins. */
function nextLine(text: string, from: number): number {
  const before = text.indexOf('\n::', from);
  return before < 0 ? -1 : before + 1;
}

/** Undefined: it is no JSON. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
