/**
 * What stands in place of a payload that a codec has made something else of: text, which no JSON begins like.
 *
 * `codec:NAME:SAME:BASE64`. `SAME` is equal for equal values, where that is to be told (idempotency keys), else empty. One
 * that could not be decoded is handed on with `!` there, and why; that is never stored. `+`: several payloads, see `together.ts`.
 */
import { CodecError } from '../errors/refusal.ts';
import type { PayloadKind, Payloads } from './types.ts';

const MARK = 'codec:';
const FAULT = '!';
export const TOGETHER = '+';

export interface Envelope {
  codec: string;
  same: string;
  data: Uint8Array;
}

export const isSealed = (text: string): boolean => text.startsWith(MARK);

export const seal = ({ codec, same, data }: Envelope): string =>
  `${MARK}${codec}:${same}:${Buffer.from(data).toString('base64')}`;

/** Undefined for a payload that is as it was given. */
export function unseal(text: string): Envelope | undefined {
  if (!isSealed(text)) return undefined;
  const [codec, same, data] = partsOf(text);
  return { codec, same, data: Buffer.from(data, 'base64') };
}

/** In place of one that could not be decoded. */
export const faulty = (codec: string, reason: string): string =>
  seal({ codec, same: FAULT, data: Buffer.from(reason) });

/** Whether they were made of the same value; neither is JSON. */
export function isSame(a: string, b: string): boolean {
  const [[, one], [, other]] = [partsOf(a), partsOf(b)];
  return isSealed(a) && isSealed(b) && one !== '' && one !== TOGETHER && one === other;
}

/** Why it cannot be read here; undefined when it can. */
export function unreadable(text: string): { codec: string; reason: string } | undefined {
  if (!isSealed(text)) return undefined;
  const [codec, same, data] = partsOf(text);
  const reason =
    same === FAULT
      ? `the codec '${codec}' cannot decode it: ${Buffer.from(data, 'base64').toString()}`
      : `it is kept by the codec '${codec}', which is not here: give it to openBackground, or name its module in the configuration`;
  return { codec, reason };
}

/** The text, if it can be read here. `CodecError` says why it cannot; `what` names it. */
export function readable(text: string, what: string): string {
  const why = unreadable(text);
  if (why === undefined) return text;
  throw new CodecError(`${what}: ${why.reason}`, { details: { codec: why.codec } });
}

/** The kinds of these payloads that cannot be read here, and why the first cannot; undefined when all can. */
export function unreadOf(payloads: Payloads): { codec: string; kinds: string[]; reason: string } | undefined {
  let found: { codec: string; kinds: string[]; reason: string } | undefined;
  for (const kind in payloads) {
    const why = unreadable(payloads[kind as PayloadKind] as string);
    if (why === undefined) continue;
    found ??= { ...why, kinds: [] };
    found.kinds.push(kind);
  }
  return found; // each task asks it several times: without lists in between
}

/** Of a sealed text. */
export function partsOf(text: string): [codec: string, same: string, data: string] {
  const [, codec = '', same = '', data = ''] = text.split(':', 4);
  return [codec, same, data];
}
