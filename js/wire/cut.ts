/** Cuts texts to what a record or an event may hold. */

import { LIMITS } from './serialize.ts';
import { byteLength } from './text.ts';

/** Bytes of JSON for one text, so that its event with all around it stays within the limit of one. */
const TEXT_LIMIT = LIMITS.event - 256;

/** Bytes of a text inside JSON, quotes included. */
export const jsonBytes = (text: string): number => byteLength(JSON.stringify(text));

/** What stands at the end of a text that was cut. */
export const CUT = '… (cut)';

/** The text, or as much of its beginning as fits into `limit` bytes of JSON, with a mark that something is missing. */
export function cut(text: string, limit = TEXT_LIMIT): string {
  if (text.length * 6 + 2 <= limit || jsonBytes(text) <= limit) return text;
  const mark = CUT;
  const room = limit - jsonBytes(mark);
  let low = 0;
  let high = Math.min(text.length, room);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (jsonBytes(text.slice(0, middle)) <= room) low = middle;
    else high = middle - 1;
  }
  return whole(text.slice(0, low)) + mark;
}

/** Takes away the first half of a pair of surrogates at the end. */
function whole(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text;
}

/** Characters of a piece: each fits into an event, whatever they are. */
const PIECE = 8192;

/** The text in pieces that each fit into an event; no pair of surrogates is torn. */
export function* pieces(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const piece = whole(text.slice(at, at + PIECE)) || text.slice(at);
    yield piece;
    at += piece.length;
  }
}
