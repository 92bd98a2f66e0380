/** (c) Drain 100,000 no-ops, each with a timeout armed. Asynchronous ones only: nothing can time out a synchronous one. */
import { NOOP } from '../lib/noop.mjs';
import { steady } from '../lib/timing.mjs';

const TASKS = 100_000;

export const row = {
  id: 'c',
  cases: ['async'],
  able: (peer) => peer.deadlines !== undefined,
  async measure(peer, kind) {
    const time = await steady((n) => peer.deadlines(NOOP[kind], n, kind), TASKS);
    return { 'c.async': (time / TASKS) * 1000 };
  },
  lines: [{ key: 'c.async', title: 'drain 100k, own timeout each, async', unit: 'µs/task' }],
  gates: [],
  notes: [
    'c: offstage: submit(fn, { timeout: 60 }); p-queue: timeout of the queue; Effect.timeout; p-limit and fastq document none.',
  ],
};
