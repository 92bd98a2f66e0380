/** Values on their way to disk: checked before anything is written. */
import { SerializationError } from '../errors/index.ts';
import { messageOf } from './message.ts';
import { byteLength } from './text.ts';

/** Limits of one value, each named by the error that it causes. */
export const LIMITS = {
  /** Input and result, in bytes of JSON. */
  value: 16 * 1024 * 1024,
  /** Metadata, in bytes of JSON. */
  metadata: 64 * 1024,
  /** The data of one event, in bytes of JSON. */
  event: 64 * 1024,
  /** Nested arrays and objects. */
  depth: 200,
} as const;

/**
 * Writes a value as JSON; `undefined` is written as `null`. `what` names it in errors.
 * Throws `SerializationError` for BigInt, cycles, a throwing `toJSON` or getter, too deep and too large values.
 */
export function serialize(value: unknown, what: string, limit: number = LIMITS.value): string {
  const text = stringify(value, what) ?? 'null';
  if (text.length * 3 > limit) refuseLarge(text, what, limit);
  if (text.length > LIMITS.depth) refuseDeep(text, what);
  return text;
}

function stringify(value: unknown, what: string): string | undefined {
  if (typeof value === 'function' || typeof value === 'symbol') {
    throw new SerializationError(`${what} cannot be written as JSON: it is a ${typeof value}`);
  }
  try {
    return JSON.stringify(value);
  } catch (cause) {
    const reason = cause instanceof RangeError ? 'it is nested too deeply' : reasonOf(cause);
    throw new SerializationError(`${what} cannot be written as JSON: ${reason}`, { cause });
  }
}

function reasonOf(cause: unknown): string {
  const message = messageOf(cause);
  return message.split('\n')[0] ?? message;
}

function refuseLarge(text: string, what: string, limit: number): void {
  const bytes = byteLength(text);
  if (bytes > limit) throw new SerializationError(`${what} has ${bytes} bytes as JSON, the limit is ${limit}`);
}

/** Counts open brackets outside of strings. */
function refuseDeep(text: string, what: string): void {
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const char = text.charCodeAt(index);
    if (char === 0x22) index = endOfString(text, index);
    else if (char === 0x5b || char === 0x7b) depth++;
    else if (char === 0x5d || char === 0x7d) depth--;
    if (depth > LIMITS.depth) {
      throw new SerializationError(`${what} is nested deeper than the limit of ${LIMITS.depth}`);
    }
  }
}

/** The index of the quote that closes the string opened at `start`. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === 0x5c) escapes++;
    if (escapes % 2 === 0) return end;
  }
}
