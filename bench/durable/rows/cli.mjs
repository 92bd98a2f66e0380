/** A whole process of `background status ID --json` against `node -e 0`, in a bare environment, the least of 20 in turns. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { entry } from '../peers/offstage.mjs';
import { addRecipe } from '../project.mjs';

const WARM = 2;
const TURNS = 20;
const bin = fileURLToPath(new URL('cli/background.cjs', entry));

/** Node 22 and later have SQLite; on 20 an addon has to be loaded. `BENCH_NODE` is the Node that started the bench. */
const NODES = { 22: process.execPath, 20: process.env.BENCH_NODE };

function timed(file, ...args) {
  const start = performance.now();
  const text = execFileSync(file, args, { encoding: 'utf8' });
  return { ms: performance.now() - start, text };
}

function submitted(node) {
  addRecipe('bench', 'export default () => 1;');
  const { text } = timed(node, bin, 'submit', '--recipe', 'bench', '--no-worker', '--json');
  return JSON.parse(text).task_id;
}

export const row = {
  id: 'cli',
  rounds: 1,
  cases: Number.parseInt(process.versions.node, 10) < 22 ? ['22', '20'] : ['22'],
  able: (peer) => peer.folders === true,
  measure(_peer, kind) {
    const node = NODES[kind];
    const id = submitted(node);
    const times = { empty: [], status: [] };
    for (let turn = 0; turn < WARM + TURNS; turn++) {
      times.empty.push(timed(node, '-e', '0').ms);
      const { ms, text } = timed(node, bin, 'status', id, '--json');
      if (JSON.parse(text).status !== 'pending') throw new Error(`it said ${text}`);
      times.status.push(ms);
    }
    const [empty, status] = [times.empty, times.status].map((all) => Math.min(...all.slice(WARM)));
    return { [`cli.${kind}.empty`]: empty, [`cli.${kind}.status`]: status, [`cli.${kind}`]: status / empty };
  },
  lines: ['22', '20'].flatMap((kind) => [
    {
      key: `cli.${kind}`,
      title: `Node ${kind}${kind === '22' ? ' or later' : ''}: status ID --json ÷ node -e 0`,
      unit: '×',
    },
    { key: `cli.${kind}.status`, title: '… status ID --json', unit: 'ms' },
    { key: `cli.${kind}.empty`, title: '… node -e 0', unit: 'ms' },
  ]),
  gates: [
    { line: 'cli.22', says: '1.75', limit: () => 1.75 },
    { line: 'cli.20', says: '2.4', limit: () => 2.4 },
  ],
  notes: [
    'cli: whole processes in turns, the least of 20 each. A file of extra certificates alone doubles what Node takes.',
  ],
};
