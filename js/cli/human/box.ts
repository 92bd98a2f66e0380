/** A titled box as wide as its longest line, at least as the usual one and at most as the terminal. */
import stringWidth from 'string-width';
import type { Look } from './look.ts';

/** Width when stdout is no terminal, or one that does not know its own. */
const COLUMNS = 80;
const USUAL = 63;
const LEAST = 24;

/** Columns that the box itself takes. */
const FRAME = 5;

const FANCY = { corners: ['╭', '╮', '╰', '╯'], across: '─', down: '│' };
const PLAIN = { corners: ['+', '+', '+', '+'], across: '-', down: '|' };

/**
 * `line` makes each row, given how many columns it has: the rows of all of them as wide as they would like to be at first,
 * then what the box has. Widths are those of the terminal, emoji and wide characters included.
 */
export function box(
  title: string,
  rows: readonly ((columns: number) => string)[],
  { columns, fancy }: Pick<Look, 'columns' | 'fancy'>,
): string {
  const longest = Math.max(0, ...rows.map((row) => stringWidth(row(Number.MAX_SAFE_INTEGER))));
  const total = Math.max(LEAST, Math.min(columns || COLUMNS, Math.max(USUAL, longest + FRAME)));
  const { corners, across, down } = fancy ? FANCY : PLAIN;
  const [topLeft, topRight, bottomLeft, bottomRight] = corners;
  const head = `${topLeft}${across} ${title} `;
  const lines = rows.map((row) => {
    const text = row(total - FRAME);
    return `${down}  ${text}${' '.repeat(total - 4 - stringWidth(text))}${down}`;
  });
  return [
    `${head}${across.repeat(total - 1 - stringWidth(head))}${topRight}`,
    ...lines,
    `${bottomLeft}${across.repeat(total - 2)}${bottomRight}`,
  ].join('\n');
}
