/** (f) What the next 1,000 submits cost when so many are queued already. */
import { NOOP } from '../lib/noop.mjs';
import { median } from '../lib/stats.mjs';

const LEVELS = { '1k': 1000, '10k': 10_000, '100k': 100_000, '1M': 1_000_000 };
const BATCH = 1000;
const SAMPLES = 9;
const WARM = 20_000;
const AGAIN = 5000;

/** At the small levels each batch gets a queue of its own, so that the level stays what it says. */
async function level(peer, queued) {
  const times = [];
  let queue;
  for (let sample = 0; sample < SAMPLES; sample++) {
    if (queue === undefined || queued < 100 * BATCH) {
      await close(queue);
      queue = await filled(peer, queued);
    }
    times.push(batch(queue));
  }
  await close(queue);
  return (median(times) / BATCH) * 1000;
}

async function filled(peer, queued) {
  const queue = await peer.hold(NOOP.async);
  queue.handles = new Array(queued + SAMPLES * BATCH).fill(null);
  queue.next = 0;
  while (queue.next < queued) queue.handles[queue.next++] = queue.add();
  globalThis.gc();
  queue.spare = await warmUp(peer, AGAIN); // a collection can cost the optimised code, too
  return queue;
}

/** The queue must be kept for as long as the code that was optimised for it. */
async function warmUp(peer, tasks) {
  const queue = await peer.hold(NOOP.async);
  queue.handles = Array.from({ length: tasks }, () => queue.add());
  return queue;
}

async function close(queue) {
  await queue?.spare?.close?.();
  await queue?.close?.();
}

function batch(queue) {
  const start = performance.now();
  for (let at = 0; at < BATCH; at++) queue.handles[queue.next++] = queue.add();
  return performance.now() - start;
}

export const row = {
  id: 'f',
  cases: ['async'],
  able: (peer) => peer.hold !== undefined,
  async measure(peer) {
    for (let time = 0; time < 5; time++) await close(await warmUp(peer, WARM));
    const costs = {};
    for (const [name, queued] of Object.entries(LEVELS)) costs[`f.${name}`] = await level(peer, queued);
    return { ...costs, 'f.flat': Math.max(...Object.values(costs)) / costs['f.1k'] };
  },
  lines: [
    ...Object.keys(LEVELS).map((name) => ({ key: `f.${name}`, title: `submit with ${name} queued`, unit: 'µs/task' })),
    { key: 'f.flat', title: 'the dearest of these ÷ that at 1k', unit: '×' },
  ],
  gates: [{ line: 'f.flat', says: '1.5', limit: () => 1.5 }],
  notes: ['f: median of nine batches of 1,000. fastq: its promise form.'],
};
