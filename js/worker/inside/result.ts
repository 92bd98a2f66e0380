/** Turns a result into JSON text, or says why it cannot be. */
import { SerializationError } from '../../errors/index.ts';

/** Bytes of JSON, and containers inside containers. */
export const RESULT_LIMIT = 16 * 1024 * 1024;
export const DEPTH_LIMIT = 200;

/**
 * Serialises a result; `undefined` becomes `null`, every other falsy value survives.
 *
 * Throws a `SerializationError` that says where and why: a BigInt, a function or symbol as the result, a value that
 * holds itself, a `toJSON` that throws, over 16 MiB, deeper than 200.
 */
export function resultJson(value: unknown): string {
  if (value === undefined) return 'null';
  const text = stringify(value);
  if (text === undefined) throw refused(`it is a ${typeof value}, which JSON cannot carry`);
  const bytes = Buffer.byteLength(text);
  if (bytes > RESULT_LIMIT) throw refused(`it has ${bytes} bytes as JSON, at most ${RESULT_LIMIT} (16 MiB) are allowed`);
  if (isDeeper(text, DEPTH_LIMIT)) throw refused(`it is nested deeper than ${DEPTH_LIMIT} levels`);
  return text;
}

const refused = (why: string, cause?: unknown): SerializationError =>
  new SerializationError(`the result cannot be stored: ${why}`, cause === undefined ? {} : { cause });

function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw refused(diagnose(value) ?? reasonOf(error), error);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof RangeError) return `it is nested deeper than ${DEPTH_LIMIT} levels or too long`;
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return 'its serialisation threw';
  }
}

/** Looks for what JSON refuses; undefined when the reason lies elsewhere, in a `toJSON` for example. */
function diagnose(value: unknown): string | undefined {
  try {
    return find(value, 'result', []);
  } catch {
    return undefined;
  }
}

function find(value: unknown, path: string, above: object[]): string | undefined {
  if (typeof value === 'bigint') return `${path} is a BigInt, which JSON cannot carry`;
  if (typeof value !== 'object' || value === null) return undefined;
  if (above.includes(value)) return `${path} refers back to an object that holds it (cyclic)`;
  if (above.length >= DEPTH_LIMIT) return `it is nested deeper than ${DEPTH_LIMIT} levels`;
  for (const [key, inner] of Object.entries(value)) {
    const found = find(inner, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`, [...above, value]);
    if (found !== undefined) return found;
  }
  return undefined;
}

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN = [123, 91];
const CLOSE = [125, 93];

/** True when JSON text nests its objects and arrays deeper than `limit`. */
export function isDeeper(text: string, limit: number): boolean {
  if (text.length <= 2 * limit) return false;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) index = endOfString(text, index);
    else if (OPEN.includes(code) && ++depth > limit) return true;
    else if (CLOSE.includes(code)) depth--;
  }
  return false;
}

/** The index of the quote that closes the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  let index = start;
  do {
    index = text.indexOf('"', index + 1);
  } while (isEscaped(text, index));
  return index;
}

function isEscaped(text: string, index: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(index - 1 - slashes) === BACKSLASH) slashes++;
  return slashes % 2 === 1;
}
