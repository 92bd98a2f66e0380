// Lines of a terminal as an SVG: text on a grid of cells, boxes drawn as lines, so that it looks the same in every font.
import { BOX } from './terminal.mjs';

const CELL = { width: 8.4, height: 19 };
const FONT = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace';
const EDGE = 18;
const BAR = 34;

export const THEMES = {
  light: {
    ground: '#ffffff',
    bar: '#f0f1f4',
    edge: '#d0d4db',
    text: '#24292f',
    dim: '#6e7781',
    red: '#c0262d',
    green: '#1a7f37',
    yellow: '#8a6100',
    cyan: '#0a6c8f',
  },
  dark: {
    ground: '#0d1117',
    bar: '#161b22',
    edge: '#30363d',
    text: '#e6edf3',
    dim: '#8b949e',
    red: '#ff7b72',
    green: '#3fb950',
    yellow: '#d8a531',
    cyan: '#56c7e0',
  },
};

/** One document, without scripts, fonts or images. `about` is read to whoever does not see it. */
export function svgOf(lines, { theme, about }) {
  const columns = Math.max(
    ...lines.map((runs) => runs.reduce((end, run) => Math.max(end, run.column + run.columns), 0)),
  );
  const width = Math.ceil(columns * CELL.width + 2 * EDGE);
  const height = Math.ceil(lines.length * CELL.height + BAR + EDGE + 6);
  const body = lines.flatMap((runs, row) => runs.map((run) => drawn(run, row, theme))).filter(Boolean);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(about)}">
<title>${escaped(about)}</title>
<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8" fill="${theme.ground}" stroke="${theme.edge}"/>
<path d="M1 ${BAR - 8}V9a8 8 0 0 1 8-8H${width - 9}a8 8 0 0 1 8 8V${BAR - 8}z" fill="${theme.bar}"/>
${[0, 1, 2].map((n) => `<circle cx="${20 + n * 18}" cy="13.5" r="5" fill="${theme.edge}"/>`).join('')}
<g font-family='${FONT}' font-size="14" fill="${theme.text}" xml:space="preserve">
${body.join('\n')}
</g>
</svg>
`;
}

const round = (n) => Number(n.toFixed(1));

function drawn({ text, column, columns, color, dim, bold }, row, theme) {
  const x = EDGE + column * CELL.width;
  const top = BAR + row * CELL.height;
  const paint = color !== undefined ? theme[color] : dim ? theme.dim : undefined;
  if (BOX.test(text)) return line(text, x, top, paint ?? theme.dim);
  const lead = text.length - text.trimStart().length;
  const words = text.trim();
  if (words === '') return undefined;
  const cells = columns - (text.length - words.length);
  const fit = cells > 1 && columns === text.length ? ` textLength="${round(cells * CELL.width)}"` : '';
  const fill = paint === undefined ? '' : ` fill="${paint}"`;
  const weight = bold ? ' font-weight="600"' : '';
  return `<text x="${round(x + lead * CELL.width)}" y="${round(top + 14)}"${fit}${fill}${weight}>${escaped(words)}</text>`;
}

/** Which arms a character of a box has: right, left, up, down. */
const ARMS = {
  '─': 'rl',
  '│': 'ud',
  '╭': 'rd',
  '╮': 'ld',
  '╰': 'ru',
  '╯': 'lu',
  '├': 'rud',
  '└': 'ru',
};

function line(char, x, top, stroke) {
  const arms = ARMS[char];
  if (arms === undefined) throw new Error(`a character of a box that the picture does not know: ${char}`);
  const [cx, cy] = [round(x + CELL.width / 2), round(top + CELL.height / 2)];
  const ends = {
    r: `H${round(x + CELL.width)}`,
    l: `H${round(x)}`,
    u: `V${round(top)}`,
    d: `V${round(top + CELL.height)}`,
  };
  const straight = [...arms].map((arm) => `M${cx} ${cy}${ends[arm]}`).join('');
  const path = ROUND.includes(char) ? corner(arms, cx, cy, ends) : straight;
  return `<path d="${path}" stroke="${stroke}" fill="none"/>`;
}

const ROUND = '╭╮╰╯';
const RADIUS = 4;

/** From its vertical arm to its horizontal one. */
function corner([across, along], x, y, ends) {
  const [toX, toY] = [round(x + (across === 'r' ? RADIUS : -RADIUS)), round(y + (along === 'd' ? RADIUS : -RADIUS))];
  return `M${x} ${toY}${ends[along]}M${x} ${toY}Q${x} ${y} ${toX} ${y}${ends[across]}`;
}

const escaped = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
