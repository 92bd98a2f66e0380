/** (a) Submit 100,000 no-ops and wait until all are done. */
import { NOOP } from '../lib/noop.mjs';
import { steady } from '../lib/timing.mjs';

const TASKS = 100_000;

const against = (kind, id, factor) => ({
  line: `a.${kind}`,
  says: `${factor} × ${id}`,
  limit: (at) => factor * at(`a.${kind}`, id),
});

/** They keep no task that could be asked for, so what they take is a bound on what a record may cost. */
const bare = { sync: ['effect'], async: ['fastq', 'effect'] };

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
  gates: ['sync', 'async'].flatMap((kind) => [
    against(kind, 'p-limit', 0.6),
    against(kind, 'p-queue', 0.35),
    ...bare[kind].map((id) => against(kind, id, 2.5)),
  ]),
  notes: [
    'a: fastq runs a synchronous worker inside push, so nothing is ever queued (with 100k queued first, it overflows the stack); its sync figure is shown and left out of the gates.',
  ],
};
