/** (b) Submit 100,000 no-ops and await the handle or promise of every one. */
import { NOOP } from '../lib/noop.mjs';
import { steady } from '../lib/timing.mjs';

const TASKS = 100_000;

const against = (kind, id, factor) => ({
  line: `b.${kind}`,
  says: `${factor} × ${id}`,
  limit: (at) => factor * at(`b.${kind}`, id),
});

export const row = {
  id: 'b',
  cases: ['sync', 'async'],
  able: (peer, kind) => peer.each !== undefined && peer.kinds.includes(kind),
  async measure(peer, kind) {
    const time = await steady((n) => peer.each(NOOP[kind], n, kind), TASKS);
    return { [`b.${kind}`]: (time / TASKS) * 1000 };
  },
  lines: [
    { key: 'b.sync', title: 'await each of 100k, sync', unit: 'µs/task' },
    { key: 'b.async', title: 'await each of 100k, async', unit: 'µs/task' },
  ],
  gates: ['sync', 'async'].flatMap((kind) => [
    ...(kind === 'async' ? [against(kind, 'fastq-promise', 0.7)] : []), // its worker must answer a promise
    against(kind, 'p-queue', 0.4),
    against(kind, 'p-queue-timeout', 0.15),
  ]),
  notes: ['b: Promise.all over what the submit answered (offstage: handle.wait()); Effect.forEach without discard.'],
};
