/** The table: for each line the medians, below them the least and the most, and offstage's ratio to each peer. */

const FIRST = 46;
const COLUMN = 17;

export function printTable(peers, rows, print = console.log) {
  const heading = cells(
    '',
    peers.map(({ title }) => title),
    'gate',
  );
  print(heading);
  print('─'.repeat(heading.length + 22));
  for (const { row, figures, verdicts } of rows) {
    for (const line of row.lines) printLine(line, figures.get(line.key), peers, verdicts, print);
    print('');
  }
}

function printLine({ key, title, unit }, byPeer, peers, verdicts, print) {
  if (byPeer.size === 0) return;
  const own = verdicts.filter((verdict) => verdict.line === key);
  const spreads = peers.map(({ id }) => byPeer.get(id));
  const ours = byPeer.get('offstage')?.median;
  print(
    cells(
      `${title}, ${unit}`,
      spreads.map((at) => (at ? number(at.median) : '-')),
      gate(own[0]),
    ),
  );
  print(
    cells(
      '   least–most',
      spreads.map((at) => (at ? `${number(at.min)}–${number(at.max)}` : '')),
      gate(own[1]),
    ),
  );
  const none = spreads.map(() => '');
  if (ours !== undefined && unit !== '×' && byPeer.size >= 2) {
    const ratio = (at, id) => (at === undefined || id === 'offstage' ? '' : `${number(ours / at.median)}`);
    const ratios = spreads.map((at, index) => ratio(at, peers[index].id));
    print(cells('   offstage ÷ it', ratios, gate(own[2])));
    own.splice(2, 1);
  }
  for (const verdict of own.slice(2)) print(cells('', none, gate(verdict)));
}

const cells = (first, others, last) =>
  `${first.padEnd(FIRST)}${others.map((text) => text.padStart(COLUMN)).join('')}   ${last}`.trimEnd();

const gate = (verdict) => (verdict === undefined ? '' : judged(verdict));

/** A gate with its verdict, as text. */
export function judged({ sign, limit, ok, says }) {
  const word = { true: 'ok', false: 'MISSED', undefined: 'not judged' }[ok];
  return `${sign} ${Number.isFinite(limit) ? number(limit) : '?'} ${word} (${says})`;
}

/** Three digits that count. */
export function number(value) {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}
