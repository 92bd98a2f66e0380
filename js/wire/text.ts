/**
 * Text that comes in as bytes: files, stdin, what programs print. All of it is read here, as UTF-8. One byte order mark is
 * dropped; what is no UTF-8 is refused, and so is a NUL, which no text has: UTF-16 without a mark passes for UTF-8 full of
 * them.
 */
import { InvalidArgumentError } from '../errors/argument.ts';

/** The text, or what is wrong with the bytes, as the end of a sentence about them. */
export type Read = { text: string; problem?: undefined } | { text?: undefined; problem: string };

export function readText(bytes: Uint8Array): Read {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes); // drops the mark
    const nul = bytes.indexOf(0);
    return nul < 0 ? { text } : { problem: looksLike(bytes) ?? `has a NUL at byte ${nul}` };
  } catch {
    return { problem: looksLike(bytes) ?? latin(bytes) };
  }
}

/** The text of a file or of stdin. `InvalidArgumentError` says of `what` that it is no text, and what it looks like. */
export function textOf(bytes: Uint8Array, what: string, details: object = {}): string {
  const { text, problem } = readText(bytes);
  if (text !== undefined) return text;
  throw new InvalidArgumentError(`${what}: expected text in UTF-8, but it ${problem}`, {
    ...details,
    expected: 'text in UTF-8',
  });
}

/** The same text without a byte order mark before it, which a shell hands on with what it read from a file. */
export const withoutMark = (text: string): string => (text.startsWith('\ufeff') ? text.slice(1) : text);

/** Tells of a text that it can be stored, and compared, as it is: no half of a surrogate pair, no NUL. */
export const isText = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/** Bytes of the text in UTF-8. */
export const byteLength = (text: string): number => new TextEncoder().encode(text).length;

/** Reads bytes as they come. What is no UTF-8 becomes U+FFFD, and is told of. */
export class TextStream {
  /** Something that was read was no UTF-8. */
  garbled = false;
  #decoder = new TextDecoder('utf-8', { fatal: true });

  add(bytes: Uint8Array): string {
    return this.#decode(bytes, true);
  }

  /** Nothing follows: the beginning of a character is none. */
  end(): string {
    return this.#decode(new Uint8Array(), false);
  }

  #decode(bytes: Uint8Array, stream: boolean): string {
    try {
      return this.#decoder.decode(bytes, { stream });
    } catch {
      this.garbled = true;
      this.#decoder = new TextDecoder();
      return `\ufffd${this.#decoder.decode(bytes, { stream })}`; // also for what came before
    }
  }
}

const MARKS: readonly [string, readonly number[]][] = [
  ['UTF-32 LE', [0xff, 0xfe, 0, 0]],
  ['UTF-32 BE', [0, 0, 0xfe, 0xff]],
  ['UTF-16 LE', [0xff, 0xfe]],
  ['UTF-16 BE', [0xfe, 0xff]],
];

/** What to say of a text whose NULs give away that it was none. */
export const problemOf = (text: string): string | undefined =>
  text.includes('\0') ? looksLike(new TextEncoder().encode(text)) : undefined;

/** An encoding that the bytes give away by their mark, or by a NUL in every other place. */
function looksLike(bytes: Uint8Array): string | undefined {
  const [marked] = MARKS.find(([, mark]) => mark.every((byte, index) => bytes[index] === byte)) ?? [];
  if (marked !== undefined) return `looks like ${marked} with a byte order mark`;
  const [even, odd] = nuls(bytes);
  const most = bytes.length / 4; // half of the places
  if (odd > most && even === 0) return 'looks like UTF-16 LE without a byte order mark';
  if (even > most && odd === 0) return 'looks like UTF-16 BE without a byte order mark';
  return undefined;
}

function nuls(bytes: Uint8Array): [even: number, odd: number] {
  const count: [number, number] = [0, 0];
  for (let at = bytes.indexOf(0); at >= 0; at = bytes.indexOf(0, at + 1)) count[at % 2 === 0 ? 0 : 1] += 1;
  return count;
}

/** What has no control characters but those of text is most likely one of the old encodings of a byte a character. */
function latin(bytes: Uint8Array): string {
  const at = firstBad(bytes);
  const hex = (bytes[at] ?? 0).toString(16).padStart(2, '0');
  const line = bytes.subarray(0, at).filter((byte) => byte === 0x0a).length + 1;
  const isPlain = !bytes.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
  return `has the byte 0x${hex} at ${at}, in line ${line}${isPlain ? ', as Latin-1 and Windows-1252 have' : ''}`;
}

/** Where the first sequence of bytes that is none begins: found by halves. */
function firstBad(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isBeginning(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  while (!isBeginning(bytes.subarray(0, good), false)) good -= 1; // that sequence may have begun
  return good;
}

/** Whether it is UTF-8; with `stream`, but for a last character that may be on its way. */
function isBeginning(bytes: Uint8Array, stream = true): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream });
    return true;
  } catch {
    return false;
  }
}
