/** A recipe that is a folder, run by one detached worker in children that ran it before: alone, and 64 in flight, 5 or all at a time. */
import { startMeter } from '../meter.mjs';
import { addRecipe, openProject } from '../project.mjs';
import { openQueue } from '../queue.mjs';
import { percentile } from './alone.mjs';

const WIDTH = 64;
const WARM_MS = 2000;
/** As many children are to be started first. */
const WARM_WIDE_MS = 6000;
const RUN_MS = 4000;
const SOURCE = 'export default ({ n, text }) => ({ n, length: text.length });';

/** `atOnce`: so many of its tasks run at a time; as many as by default when not given. */
const folderQueue = (atOnce) => ({
  async open() {
    const { client, database, close } = await openProject(atOnce);
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
});

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

async function rate(queue, warmMs) {
  await queue.inFlight(WIDTH, warmMs);
  const { tasks, ms } = await queue.inFlight(WIDTH, RUN_MS);
  return (tasks / ms) * 1000;
}

const CASES = {
  alone: { measure: alone },
  64: { measure: async (queue) => ({ 'folder.rate': await rate(queue, WARM_MS) }) },
  wide: { atOnce: WIDTH, measure: async (queue) => ({ 'folder.wide': await rate(queue, WARM_WIDE_MS) }) },
};

export const row = {
  id: 'folder',
  cases: Object.keys(CASES),
  able: (peer) => peer.folders === true,
  async measure(_peer, kind) {
    const { atOnce, measure } = CASES[kind];
    const queue = await openQueue(folderQueue(atOnce), WIDTH);
    const figures = await measure(queue);
    await queue.finish();
    return figures;
  },
  lines: [
    { key: 'folder.p50', title: 'folder recipe, detached worker, warm child, one by one: half', unit: 'ms' },
    { key: 'folder.p99', title: '… 99 % within', unit: 'ms' },
    { key: 'folder.commits', title: '… write transactions of SQLite', unit: 'a task' },
    { key: 'folder.rate', title: '64 in flight through one detached worker', unit: 'tasks/s' },
    { key: 'folder.wide', title: '… all 64 at a time', unit: 'tasks/s' },
  ],
  gates: [
    { line: 'folder.p50', says: '0.55 × the build before', limit: (at) => 0.55 * at('folder.p50', 'before') },
    { line: 'folder.commits', says: '3', limit: () => 3 },
    { line: 'folder.wide', says: '3,000', least: () => 3000 },
  ],
  notes: [
    'folder: the worker runs 5 at a time, as by default, or 64 (maxConcurrentTasks); the client, the worker and its children share the cores.',
  ],
};
