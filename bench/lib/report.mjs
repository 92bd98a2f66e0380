/** What both benches do with figures: judge, tell as JSON, say what failed or was missed. */
import { judge } from './gates.mjs';
import { measureRow } from './measure.mjs';

/** The steps are of use to somebody who watches only. */
export const onStep = process.stderr.isTTY ? (text) => process.stderr.write(`\r\x1b[K${text}`) : undefined;

/** The rows with their figures and verdicts, one after the other. */
export async function measureRows(rows, peers, rounds, how) {
  const measured = [];
  for (const row of rows) {
    const figures = await measureRow(row, peers, rounds, { ...how, onStep });
    measured.push({ row, figures, verdicts: judge(row, figures) });
  }
  onStep?.('');
  return measured;
}

export function printJson(facts, rounds, rows, failures) {
  const lines = rows.flatMap(({ row, figures }) =>
    row.lines.map(({ key, title, unit }) => ({ key, title, unit, figures: Object.fromEntries(figures.get(key)) })),
  );
  const gates = rows.flatMap(({ verdicts }) => verdicts);
  const document = { machine: facts, rounds, lines, gates, failures: Object.fromEntries(failures) };
  console.log(JSON.stringify(document, null, 2));
}

/** Says on stderr what failed and which gates were missed; the exit code of the bench. */
export function conclude(rows, failures) {
  for (const [name, why] of failures) console.error(`FAILED ${name}: ${why}`);
  const missed = rows.flatMap(({ verdicts }) => verdicts).filter(({ ok }) => ok === false);
  for (const { line, says, value, limit, sign } of missed)
    console.error(`MISSED ${line}: ${value.toPrecision(3)}, gate ${sign} ${limit.toPrecision(3)} (${says})`);
  return failures.size + missed.length > 0 ? 1 : 0;
}
