/** (j) How long a timer of 10 ms takes while 200,000 no-ops run: the longest of those that follow one another meanwhile. */
import { setTimeout as after } from 'node:timers/promises';
import { NOOP } from '../lib/noop.mjs';

const TASKS = 200_000;
const MS = 10;
const WARM = 20_000;

async function longest(peer, fn, n) {
  const runner = await peer.open({ maxConcurrentTasks: 5 });
  for (let at = 0; at < n; at++) runner.submit(fn);
  let running = true;
  const all = runner.waitAll().then(() => {
    running = false;
  });
  let most = 0;
  while (running) {
    const start = performance.now();
    await after(MS);
    most = Math.max(most, performance.now() - start);
  }
  await all;
  await runner.stop();
  return most;
}

export const row = {
  id: 'j',
  cases: ['sync', 'async'],
  able: (peer) => peer.open !== undefined,
  async measure(peer, kind) {
    await longest(peer, NOOP[kind], WARM);
    globalThis.gc();
    return { [`j.${kind}`]: await longest(peer, NOOP[kind], TASKS) };
  },
  lines: [
    { key: 'j.sync', title: 'a 10 ms timer beside 200k no-ops, sync', unit: 'ms' },
    { key: 'j.async', title: 'a 10 ms timer beside 200k no-ops, async', unit: 'ms' },
  ],
  gates: ['j.sync', 'j.async'].map((line) => ({ line, says: '30', limit: () => 30 })),
  notes: [
    'j: the longest of all timers that ran meanwhile, collections of garbage included; what follows the submits.',
  ],
};
