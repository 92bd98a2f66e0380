/** Cuts texts for people where one character ends, never in the middle of an emoji or of a letter with its accents. */

/** Made when it is needed first: that takes 8 ms, which no short command is to wait for. */
let characters: Intl.Segmenter | undefined;

/** What stands at the end of what was cut, within the limit. */
const MORE = '…';

/** The text, or as much of it as `limit` UTF-16 code units hold together with an ellipsis. */
export function cutAtCharacter(text: string, limit: number): string {
  if (text.length <= limit) return text;
  // No character that people write is longer than this; what is cut off here is looked at no more.
  const near = text.slice(0, limit + 64);
  let end = 0;
  characters ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  for (const { index, segment } of characters.segment(near)) {
    if (index + segment.length > limit - MORE.length) break;
    end = index + segment.length;
  }
  return text.slice(0, end) + MORE;
}
