/**
 * Cuts texts that are masked later. A secret is looked for as a whole, so no word is cut in two; only one that is longer than any
 * secret is.
 */

/** Characters. */
const LONGEST_WORD = 4096;
const SPACE = /\s/;

/** The first characters, `most` at most. */
export function beginning(text: string, most: number): string {
  if (text.length <= most) return text;
  for (let end = most; end > Math.max(0, most - LONGEST_WORD); end -= 1) {
    if (SPACE.test(text[end] as string)) return text.slice(0, end);
  }
  return most > LONGEST_WORD ? text.slice(0, most) : '';
}

/** The last characters, `most` at most. */
export function ending(text: string, most: number): string {
  if (text.length <= most) return text;
  const first = text.length - most;
  for (let begin = first; begin < Math.min(text.length, first + LONGEST_WORD); begin += 1) {
    if (SPACE.test(text[begin - 1] as string)) return text.slice(begin);
  }
  return most > LONGEST_WORD ? text.slice(first) : '';
}
