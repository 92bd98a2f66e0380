/**
 * Puts a new value into base64 that holds more than the value. What stands beside the marker tells what was before and
 * after it: whole bytes, but for the bits that a character shares with the old value.
 */

/** The form of a value within base64: how many bytes stand before it, over threes, and how many of its bits go into the character after. */
const FORM = /^(base64|base64url):([012])\.([024])$/;

/** How the form is noted: with the bits of the value that its last character does not hold. */
export function noted(form: string, value: string): string {
  const [, encoding, before] = /^(base64(?:url)?)(?::([012])|-open)?$/.exec(form) ?? [];
  const length = Buffer.byteLength(value);
  if (before !== undefined) return `${form}.${((Number(before) + length) * 8) % 6}`;
  // All of it is the same as the part that depends on it alone, and something may follow.
  return encoding !== undefined && length % 3 === 0 ? `${encoding}:0.0` : form;
}

/** The form without that. */
export const unnoted = (form: string): string => (FORM.test(form) ? form.slice(0, -2) : form);

/** What stands in place of the marker and the characters around it. */
export interface Around {
  before: number;
  text: string;
  after: number;
}

/** Undefined where the marker stands in no base64 of whole bytes; then nothing more can be said. */
export function around(json: string, at: number, end: number, form: string, value: string): Around | undefined {
  const [, encoding, lead, rest] = FORM.exec(form) ?? [];
  if (encoding !== 'base64' && encoding !== 'base64url') return undefined;
  const left = runBefore(json, at);
  const [all = '', right = ''] = /^([\w+/-]*)=*/.exec(json.slice(end)) ?? [];
  const bitsBefore = 6 * left.length - LEAD_BITS[Number(lead) as 0 | 1 | 2];
  const bitsAfter = 6 * right.length - Number(rest);
  const touches = json.charAt(at - left.length - 1) === '*' || json.charAt(end + all.length) === '*';
  if (touches || bitsBefore < 0 || bitsBefore % 8 > 0 || bitsAfter < 0 || bitsAfter % 8 > 4) return undefined;
  const bytes = [
    Buffer.from(left, encoding).subarray(0, bitsBefore / 8),
    Buffer.from(value),
    bytesAfter(right, Number(rest), encoding).subarray(0, Math.floor(bitsAfter / 8)),
  ];
  const text = Buffer.concat(bytes).toString(encoding);
  const isOpen = all.length === right.length && bitsAfter % 8 > 0;
  return { before: left.length, text: isOpen ? text.replace(/=+$/, '') : text, after: all.length };
}

/** Bits of the value in the characters before those that depend on it alone. */
const LEAD_BITS = [0, 4, 2] as const;

/** Characters of base64 that end at `at`; what belongs to an escape of the JSON text is none. */
function runBefore(json: string, at: number): string {
  let from = at;
  while (/[\w+/-]/.test(json.charAt(from - 1))) from -= 1;
  const escapes = /\\*$/.exec(json.slice(Math.max(0, from - 64), from))?.[0].length ?? 0;
  if (escapes % 2 === 0) return json.slice(from, at);
  return json.slice(from + (json.charAt(from) === 'u' ? 5 : 1), at);
}

/** The bytes that begin `bits` bits into the text; characters that stand for nothing bring it to a whole byte. */
function bytesAfter(text: string, bits: number, encoding: 'base64' | 'base64url'): Buffer {
  const filler = bits / 2;
  return Buffer.from('A'.repeat(filler) + text, encoding).subarray((6 * filler + bits) / 8);
}
