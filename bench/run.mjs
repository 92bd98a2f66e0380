// The in-process runner beside the queues that people use: p-queue, p-limit, fastq, Effect. One table; exit code 1 when a
// gate is missed or a measurement failed, 2 for a wrong option. Takes about a quarter of an hour with 7 rounds.
// Usage: npm run bench -- --help
import { readArgs, USAGE } from './lib/args.mjs';
import { inChild } from './lib/in-child.mjs';
import { installPeers } from './lib/install.mjs';
import { describeMachine, machineFacts } from './lib/machine.mjs';
import { conclude, measureRows, printJson } from './lib/report.mjs';
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

function printText(facts, wanted, peers, rows) {
  console.log(`${describeMachine(facts)}, ${wanted.rounds} rounds\n`);
  printTable(peers, rows);
  for (const note of [...LEGEND, ...rows.flatMap(({ row }) => row.notes)]) console.log(note);
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
  const chosen = ROWS.filter(({ id }) => wanted.rows.includes(id));
  const rows = await measureRows(chosen, peers, wanted.rounds, { inChild, failures });
  if (wanted.json) printJson(facts, wanted.rounds, rows, failures);
  else printText(facts, wanted, peers, rows);
  process.exitCode = conclude(rows, failures);
}
