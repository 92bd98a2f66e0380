/** One line made of parts, some of which give way when it is too long. */
import pc from 'picocolors';
import stringWidth from 'string-width';

type Paint = 'bold' | 'dim' | 'cyan' | 'yellow' | 'green' | 'red';

/** A part of a line. */
export interface Part {
  text: string;
  paint?: Paint | undefined;
  /** It is cut where the line is too long, down to so many columns; parts that come first are cut first. */
  least?: number | undefined;
  /** It may go wholly where nothing else gives way any more. */
  mayGo?: true | undefined;
}

/** How a line is made to fit. */
export interface Fit {
  width: number;
  color: boolean;
  /** Stands where something was cut. */
  mark: string;
}

const colors = pc.createColors(true);

/**
 * The line, at most `width` columns wide. Parts give way down to their `least`; then those that may go wholly do; what is
 * still too long loses its end. Coloured after it was fitted, so that no cut goes through an escape sequence.
 */
export function line(parts: readonly Part[], { width, color, mark }: Fit): string {
  const texts = fitted(parts, width, mark);
  return parts
    .map(({ paint }, index) => {
      const text = texts[index] as string;
      return color && paint !== undefined && text !== '' ? colors[paint](text) : text;
    })
    .join('');
}

function fitted(parts: readonly Part[], width: number, mark: string): string[] {
  const texts = parts.map(({ text }) => text);
  for (const floorOf of [({ least }: Part) => least, ({ mayGo }: Part) => (mayGo ? 0 : undefined)]) {
    for (const [index, part] of parts.entries()) {
      const over = widthOf(texts) - width;
      if (over <= 0) return texts;
      const floor = floorOf(part);
      if (floor === undefined) continue;
      const own = stringWidth(texts[index] as string);
      texts[index] = fit(texts[index] as string, Math.max(Math.min(own, floor), own - over), mark);
    }
  }
  return withoutEnd(texts, width, mark);
}

const widthOf = (texts: readonly string[]): number => texts.reduce((sum, text) => sum + stringWidth(text), 0);

/** The part in which the line ends takes the mark; nothing is left of those behind it. */
function withoutEnd(texts: readonly string[], width: number, mark: string): string[] {
  if (widthOf(texts) <= width) return [...texts];
  let left = width;
  return texts.map((text, index) => {
    const own = stringWidth(text);
    const isWhole = own <= left - stringWidth(mark);
    const kept = isWhole ? text : fit(texts.slice(index).join(''), left, mark);
    left = isWhole ? left - own : 0;
    return kept;
  });
}

/** Cuts between graphemes, never inside one. */
export function fit(text: string, width: number, mark = '…'): string {
  if (stringWidth(text) <= width) return text;
  const room = width - stringWidth(mark);
  if (room < 0) return '';
  let cut = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const next = stringWidth(segment);
    if (used + next > room) break;
    cut += segment;
    used += next;
  }
  return `${cut}${mark}`;
}
