/** (d) 10,000 tasks of a timer of 1 ms, five at a time: what the queue adds when tasks do take time. */
import { oneMillisecond } from '../lib/noop.mjs';
import { once } from '../lib/timing.mjs';

const TASKS = 10_000;
const WARM = 500;

export const row = {
  id: 'd',
  cases: ['async'],
  able: (peer) => peer.drain !== undefined && peer.kinds.includes('async'),
  async measure(peer, kind) {
    await once((n) => peer.drain(oneMillisecond, n, kind), WARM);
    return { 'd.total': await once((n) => peer.drain(oneMillisecond, n, kind), TASKS) };
  },
  lines: [{ key: 'd.total', title: '10k tasks of 1 ms, 5 at a time', unit: 'ms' }],
  gates: [],
  notes: ['d: no less than 2,000 ms is possible; Node fires a timer of 1 ms after 1 to 2.'],
};
