/** (i) What the async context of tasks costs: nothing set where they are submitted, something set, and switched off. */
import { NOOP } from '../lib/noop.mjs';
import { steady } from '../lib/timing.mjs';

const TASKS = 100_000;

export const row = {
  id: 'i',
  cases: ['sync', 'async'],
  able: (peer) => peer.inContext !== undefined,
  async measure(peer, kind) {
    const figures = {};
    for (const how of ['off', 'none', 'set']) {
      const time = await steady((n) => peer.inContext(NOOP[kind], n, how), TASKS);
      figures[`i.${kind}.${how}`] = (time / TASKS) * 1000;
    }
    return figures;
  },
  lines: ['sync', 'async'].flatMap((kind) => [
    { key: `i.${kind}.off`, title: `drain 100k no-ops, ${kind}, context: false`, unit: 'µs/task' },
    { key: `i.${kind}.none`, title: '… with nothing set', unit: 'µs/task' },
    { key: `i.${kind}.set`, title: '… in an AsyncLocalStorage', unit: 'µs/task' },
  ]),
  gates: [],
  notes: [
    'i: an AsyncLocalStorage that is in use makes every promise of Node 20 and 22 dearer; that is part of the last line.',
  ],
};
