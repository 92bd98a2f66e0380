// What a terminal shows of a text: lines of cells, each with its colour. Only what our commands send is understood.
import stringWidth from 'string-width';

const COLORS = { 31: 'red', 32: 'green', 33: 'yellow', 36: 'cyan' };

/** Lines of runs `{ text, column, columns, color, dim, bold }`. */
export function linesOf(text) {
  let style = {};
  return text.split(/\r?\n/).map((line) => {
    const runs = [];
    let column = 0;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of them
    for (const [part, code] of line.matchAll(/\x1b\[([\d;]*)m|[^\x1b]+/g)) {
      if (code !== undefined) {
        style = styled(style, code);
        continue;
      }
      for (const run of cells(part)) {
        runs.push({ ...run, column, ...style });
        column += run.columns;
      }
    }
    return runs;
  });
}

function styled(style, code) {
  const n = Number(code);
  if (n === 1) return { ...style, bold: true };
  if (n === 2) return { ...style, dim: true };
  if (n === 22) return { ...style, bold: false, dim: false };
  if (n === 39) return { ...style, color: undefined };
  if (n === 0) return {};
  if (COLORS[n] === undefined) throw new Error(`a colour that the picture does not know: ${code}`);
  return { ...style, color: COLORS[n] };
}

/** Wide characters and those of boxes each by itself: fonts disagree about their width. */
function cells(text) {
  const found = [];
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const columns = stringWidth(segment);
    const last = found.at(-1);
    const alone = columns !== 1 || BOX.test(segment);
    if (last !== undefined && !alone && !last.alone) {
      last.text += segment;
      last.columns += columns;
    } else found.push({ text: segment, columns, alone });
  }
  return found;
}

export const BOX = /^[\u2500-\u257f]$/;
