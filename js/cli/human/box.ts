/** A titled box as wide as its longest line, at least as the usual one and at most as the terminal. */
import stringWidth from 'string-width';

const USUAL = 63;
const LEAST = 24;

/** Lines that are too long end in `…`; their widths are those of the terminal, emoji and wide characters included. */
export function box(title: string, lines: readonly string[], columns: number): string {
  const longest = Math.max(0, ...lines.map((line) => stringWidth(line)));
  const total = Math.max(LEAST, Math.min(columns, Math.max(USUAL, longest + 5)));
  const rows = lines.map((line) => {
    const text = fit(line, total - 5);
    return `│  ${text}${' '.repeat(total - 4 - stringWidth(text))}│`;
  });
  const head = `╭─ ${title} `;
  return [`${head}${'─'.repeat(total - 1 - stringWidth(head))}╮`, ...rows, `╰${'─'.repeat(total - 2)}╯`].join('\n');
}

/** Cuts between graphemes, never inside one. */
export function fit(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let cut = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const next = stringWidth(segment);
    if (used + next > width - 1) break;
    cut += segment;
    used += next;
  }
  return `${cut}…`;
}
