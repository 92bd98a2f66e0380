/** The medians as the table of docs/PERFORMANCE.md: a line each, a column for each peer, gates met or missed. */
import { number } from './table.mjs';

export function printMarkdown(peers, rows, print = console.log) {
  const cells = (first, others, last) => print(`| ${[first, ...others, last].join(' | ')} |`);
  cells(
    '',
    peers.map(({ title }) => title),
    'gate',
  );
  cells(
    '---',
    peers.map(() => '---'),
    '---',
  );
  for (const { row, figures, verdicts } of rows) {
    for (const { key, title, unit } of row.lines) {
      const byPeer = figures.get(key);
      if (byPeer.size === 0) continue;
      const medians = peers.map(({ id }) => (byPeer.has(id) ? grouped(byPeer.get(id).median) : '–'));
      cells(
        `${title}, ${unit}`,
        medians,
        verdicts
          .filter(({ line }) => line === key)
          .map(judged)
          .join('; '),
      );
    }
  }
}

const grouped = (value) => (Math.abs(value) < 1000 ? number(value) : Math.round(value).toLocaleString('en'));

function judged({ sign, limit, ok, says }) {
  const why = Number.isNaN(Number(says)) ? ` (${says})` : ''; // a number says no more than the limit
  if (ok === undefined) return `not judged${why}`;
  return `${ok ? 'met' : '**missed**'}: ${sign} ${grouped(limit)}${why}`;
}
