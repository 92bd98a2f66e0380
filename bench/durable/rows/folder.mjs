/** A recipe that is a folder, run by one detached worker in children that ran it before: alone, and 64 in flight. */
import { startMeter } from '../meter.mjs';
import { addRecipe, openProject } from '../project.mjs';
import { openQueue } from '../queue.mjs';
import { percentile } from './alone.mjs';

const WIDTH = 64;
const WARM_MS = 2000;
const RUN_MS = 4000;
const SOURCE = 'export default ({ n, text }) => ({ n, length: text.length });';

const folderQueue = {
  async open() {
    const { client, database, close } = await openProject();
    addRecipe('bench', SOURCE);
    const { total } = await client.summary(); // those that opened the project
    return {
      database,
      one: async (input) => (await client.submit({ recipe: 'bench', input })).wait(),
      async counts() {
        const { total: all, completed } = await client.summary();
        return { completed: completed - total, left: all - completed };
      },
      close,
    };
  },
};

async function alone(queue) {
  await queue.alone(WARM_MS, 10, 1000);
  const read = startMeter(queue.database);
  const times = await queue.alone(RUN_MS, 10, 1000);
  const { commits } = read();
  return {
    'folder.p50': percentile(times, 0.5),
    'folder.p99': percentile(times, 0.99),
    'folder.commits': commits / times.length,
  };
}

async function inFlight(queue) {
  await queue.inFlight(WIDTH, WARM_MS);
  const { tasks, ms } = await queue.inFlight(WIDTH, RUN_MS);
  return { 'folder.rate': (tasks / ms) * 1000 };
}

export const row = {
  id: 'folder',
  cases: ['alone', '64'],
  able: (peer) => peer.folders === true,
  async measure(_peer, kind) {
    const queue = await openQueue(folderQueue, WIDTH);
    const figures = await (kind === 'alone' ? alone : inFlight)(queue);
    await queue.finish();
    return figures;
  },
  lines: [
    { key: 'folder.p50', title: 'folder recipe, detached worker, warm child, one by one: half', unit: 'ms' },
    { key: 'folder.p99', title: '… 99 % within', unit: 'ms' },
    { key: 'folder.commits', title: '… write transactions of SQLite', unit: 'a task' },
    { key: 'folder.rate', title: '64 in flight through one detached worker', unit: 'tasks/s' },
  ],
  gates: [
    { line: 'folder.p50', says: '0.55 × the build before', limit: (at) => 0.55 * at('folder.p50', 'before') },
    { line: 'folder.commits', says: '3', limit: () => 3 },
  ],
  notes: [
    'folder: the worker runs 5 at a time, as by default; the client, the worker and its children share the cores.',
  ],
};
