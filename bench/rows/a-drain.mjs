/** (a) Submit 100,000 no-ops and wait until all are done. */
import { NOOP } from '../lib/noop.mjs';
import { steady } from '../lib/timing.mjs';

const TASKS = 100_000;

/** Only those that really queue: fastq runs a synchronous worker inside `push`. */
const rivals = { sync: ['effect'], async: ['fastq', 'fastq-promise', 'effect'] };

export const row = {
  id: 'a',
  cases: ['sync', 'async'],
  able: (peer, kind) => peer.drain !== undefined && peer.kinds.includes(kind),
  async measure(peer, kind) {
    const time = await steady((n) => peer.drain(NOOP[kind], n, kind), TASKS);
    return { [`a.${kind}`]: (time / TASKS) * 1000 };
  },
  lines: [
    { key: 'a.sync', title: 'drain 100k no-ops, sync', unit: 'µs/task' },
    { key: 'a.async', title: 'drain 100k no-ops, async', unit: 'µs/task' },
  ],
  gates: ['sync', 'async'].map((kind) => ({
    line: `a.${kind}`,
    says: `0.8 × the best of ${rivals[kind].join(', ')}`,
    limit: (at) => 0.8 * Math.min(...rivals[kind].map((id) => at(`a.${kind}`, id)).filter(Number.isFinite)),
  })),
  notes: [
    'a: fastq runs a synchronous worker inside push, so nothing is ever queued (with 100k queued first, it overflows the stack); its sync figure is shown and left out of the gate.',
  ],
};
