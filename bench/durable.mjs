// Durable tasks beside the bare driver of SQLite and the queues that people use, each in its fastest documented form. The
// figures one below the other; exit code 1 when a gate is missed or a measurement failed, 2 for a wrong option.
// Usage: npm run bench:durable -- --help
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { killThoseOf } from './durable/ended.mjs';
import { folderFacts } from './durable/folder.mjs';
import { inFolder } from './durable/in-folder.mjs';
import { loadPeer, PEER_IDS } from './durable/peers/index.mjs';
import { programVersions } from './durable/programs.mjs';
import { ROWS } from './durable/rows/index.mjs';
import { readArgs } from './lib/args.mjs';
import { installPeers } from './lib/install.mjs';
import { printList } from './lib/list.mjs';
import { describeMachine, machineFacts } from './lib/machine.mjs';
import { printMarkdown } from './lib/markdown.mjs';
import { conclude, measureRows, printJson } from './lib/report.mjs';
import { number } from './lib/table.mjs';

const ROW_IDS = ROWS.map(({ id }) => id);
const USAGE = `Usage: npm run bench:durable -- [options]
  --rows a,b       only these rows (${ROW_IDS.join(', ')})
  --peers p,q      only these beside offstage (${PEER_IDS.join(', ')})
  --rounds 7       interleaved rounds, 5 when not given; 1 is for trying things out
  --short          three rounds of the rows that have gates against others, one of the rest: about 8 minutes
  --build FOLDER   another build of offstage than dist/
  --before FOLDER  another build of offstage, measured beside as if it were a peer
  --this-node      offstage and the bare driver by the Node that runs this, Node 20 too, in place of Node 22 or later
  --folder FOLDER  where the stores are made; the temporary folder when not given
  --json           the figures as one JSON document on stdout instead of the list
  --markdown       the medians as the table of docs/PERFORMANCE-DURABLE.md instead of the list`;

const LEGEND = [
  'Median of the rounds, the least and the most, then what offstage has ÷ what the peer has.',
  'Each figure of a round is from a process of its own, warmed up first, in a fresh folder and with a fresh server where',
  'the peer needs one; the peers take turns.',
];

const OWN_OPTIONS = {
  before: { type: 'string' },
  folder: { type: 'string', default: tmpdir() },
  rounds: { type: 'string', default: '5' },
  markdown: { type: 'boolean', default: false },
  short: { type: 'boolean', default: false },
  'this-node': { type: 'boolean', default: false },
};

const absolute = (path) => (path === undefined ? undefined : resolve(path));

function options() {
  try {
    return readArgs(process.argv.slice(2), { rows: ROW_IDS, peers: PEER_IDS, options: OWN_OPTIONS });
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
}

const AGAINST_OTHERS = ['flight', 'alone'];
const shortened = (row) => ({ ...row, rounds: AGAINST_OTHERS.includes(row.id) ? 3 : 1 });

const byThisNode = (peer) => (peer.anyNode === true ? { ...peer, runtime: 'this' } : peer);

/** A folder of this run; servers that run as another user have theirs in it. */
function makeFolder(base) {
  const folder = mkdtempSync(join(resolve(base), 'offstage-bench-'));
  chmodSync(folder, 0o711);
  process.on('exit', () => {
    killThoseOf(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return folder;
}

function printText(facts, peers, rows) {
  const { folder, fsync_ms: fsync, programs } = facts;
  console.log(describeMachine(facts));
  console.log(
    `measured with ${Object.entries(programs)
      .map((pair) => pair.join(' '))
      .join(', ')}`,
  );
  console.log(`stores on ${folder}, fdatasync of 4 KiB ${number(fsync.p50)} ms (half), ${number(fsync.p99)} ms (99 %)`);
  console.log('');
  (wanted.markdown ? printMarkdown : printList)(peers, rows);
  for (const note of [...LEGEND, ...rows.flatMap(({ row }) => row.notes)]) console.log(note);
}

const wanted = options();
if (wanted.help) {
  console.log(USAGE);
} else {
  installPeers();
  const folder = makeFolder(wanted.folder);
  const before = wanted.before === undefined ? [] : ['before'];
  const loaded = await Promise.all(['offstage', ...before, ...wanted.peers].map(loadPeer));
  const peers = wanted['this-node'] ? loaded.map(byThisNode) : loaded;
  const facts = { ...machineFacts(peers), programs: programVersions(peers), ...folderFacts(folder) };
  const failures = new Map();
  const chosen = ROWS.filter(({ id }) => wanted.rows.includes(id)).map(wanted.short ? shortened : (row) => row);
  const builds = { offstage: absolute(wanted.build), before: absolute(wanted.before) };
  const inChild = inFolder(folder, builds);
  const rows = await measureRows(chosen, peers, wanted.rounds, { inChild, failures });
  if (wanted.json) printJson(facts, wanted.rounds, rows, failures);
  else printText(facts, peers, rows);
  process.exitCode = conclude(rows, failures);
}
