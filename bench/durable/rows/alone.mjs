/** One task after the other in one process, from before its submit until its result is there. */
import { openQueue } from '../queue.mjs';

const WARM_MS = 700;
const RUN_MS = 2000;
const LEAST = 10;
const MOST = 1000;

/** The value below which that share of the sorted values lies. */
export function percentile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export const row = {
  id: 'alone',
  cases: ['1'],
  able: (peer) => peer.open !== undefined,
  async measure(peer) {
    const queue = await openQueue(peer, 1);
    await queue.alone(WARM_MS, 2, MOST);
    const times = await queue.alone(RUN_MS, LEAST, MOST);
    await queue.finish();
    return { 'alone.p50': percentile(times, 0.5), 'alone.p99': percentile(times, 0.99) };
  },
  lines: [
    { key: 'alone.p50', title: 'one after the other, submit → result: half within', unit: 'ms' },
    { key: 'alone.p99', title: '… 99 % within', unit: 'ms' },
  ],
  gates: [{ line: 'alone.p50', says: '1.6 × the bare driver', limit: (at) => 1.6 * at('alone.p50', 'driver') }],
  notes: ['alone: 2 s, 10 to 1,000 samples. OpenWorkflow and plainjob look for work, or for its end, at intervals.'],
};
