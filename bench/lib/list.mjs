/** The figures one below the other: for each line its gates, then the peers with median, least, most and their ratio. */
import { judged, number } from './table.mjs';

const NAME = 34;
const COLUMN = 12;

export function printList(peers, rows, print = console.log) {
  for (const { row, figures, verdicts } of rows) {
    for (const line of row.lines) printLine(line, figures.get(line.key), peers, verdicts, print);
  }
}

function printLine({ key, title, unit }, byPeer, peers, verdicts, print) {
  if (byPeer.size === 0) return;
  print(`${title}, ${unit}`);
  for (const verdict of verdicts.filter(({ line }) => line === key)) print(`  gate ${judged(verdict)}`);
  const ours = byPeer.get('offstage')?.median;
  for (const { id, title: name } of peers) {
    const at = byPeer.get(id);
    if (at !== undefined) print(cells(name, at, id === 'offstage' ? undefined : ours));
  }
  print('');
}

function cells(name, { median, min, max, values }, ours) {
  const ratio = ours === undefined ? '' : `offstage ÷ it ${number(ours / median)}`;
  const spread = values.length === 1 ? '1 round' : `${number(min)}–${number(max)}`;
  return `  ${name.padEnd(NAME)}${number(median).padStart(COLUMN)}${spread.padStart(COLUMN + 8)}   ${ratio}`.trimEnd();
}
