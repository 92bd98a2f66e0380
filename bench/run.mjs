// The in-process runner beside the queues that people use: p-queue, p-limit, fastq, Effect. One table; exit code 1 when a
// gate is missed or a measurement failed, 2 for a wrong option. Takes about a quarter of an hour with 7 rounds.
// Usage: npm run bench -- --help
import { readArgs, USAGE } from './lib/args.mjs';
import { judge } from './lib/gates.mjs';
import { installPeers } from './lib/install.mjs';
import { describeMachine, machineFacts } from './lib/machine.mjs';
import { measureRow } from './lib/measure.mjs';
import { printTable } from './lib/table.mjs';
import { loadPeer, PEER_IDS } from './peers/index.mjs';
import { ROWS } from './rows/index.mjs';

const LEGEND = [
  'Median of the rounds, below it the least and the most, then what offstage takes ÷ what the peer takes.',
  'Each figure of a round is from a process of its own, warmed up first; the peers take turns. Concurrency 5.',
  'The task is () => 1 (sync) or async () => 1 (async), the same function for all; "-": the peer has no such form.',
  'offstage: submit() for each, full record, id, and the default timeout of 300 s armed in every row.',
];

function options() {
  try {
    return readArgs(process.argv.slice(2), { rows: ROWS.map(({ id }) => id), peers: PEER_IDS });
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
}

/** The steps are of use to somebody who watches only. */
const onStep = process.stderr.isTTY ? (text) => process.stderr.write(`\r\x1b[K${text}`) : undefined;

function measure(wanted, peers, failures) {
  return ROWS.filter(({ id }) => wanted.rows.includes(id)).map((row) => {
    const figures = measureRow(row, peers, wanted.rounds, { failures, onStep });
    return { row, figures, verdicts: judge(row, figures) };
  });
}

function printText(facts, wanted, peers, rows) {
  console.log(`${describeMachine(facts)}, ${wanted.rounds} rounds\n`);
  printTable(peers, rows);
  for (const note of [...LEGEND, ...rows.flatMap(({ row }) => row.notes)]) console.log(note);
}

function printJson(facts, wanted, rows, failures) {
  const lines = rows.flatMap(({ row, figures }) =>
    row.lines.map(({ key, title, unit }) => ({ key, title, unit, figures: Object.fromEntries(figures.get(key)) })),
  );
  const gates = rows.flatMap(({ verdicts }) => verdicts);
  const document = { machine: facts, rounds: wanted.rounds, lines, gates, failures: Object.fromEntries(failures) };
  console.log(JSON.stringify(document, null, 2));
}

const wanted = options();
if (wanted.help) {
  console.log(USAGE);
} else {
  installPeers();
  if (wanted.build !== undefined) process.env.OFFSTAGE_BENCH_BUILD = wanted.build; // children inherit it
  const peers = await Promise.all(['offstage', ...wanted.peers].map(loadPeer));
  const facts = machineFacts(peers);
  const failures = new Map();
  const rows = measure(wanted, peers, failures);
  onStep?.('');
  if (wanted.json) printJson(facts, wanted, rows, failures);
  else printText(facts, wanted, peers, rows);
  for (const [name, why] of failures) console.error(`FAILED ${name}: ${why}`);
  const missed = rows.flatMap(({ verdicts }) => verdicts).filter(({ ok }) => ok === false);
  for (const { line, says, value, limit } of missed)
    console.error(`MISSED ${line}: ${value.toPrecision(3)}, at most ${limit.toPrecision(3)} (${says})`);
  process.exitCode = failures.size + missed.length > 0 ? 1 : 0;
}
