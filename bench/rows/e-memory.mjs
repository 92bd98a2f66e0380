/** (e) Bytes that 1,000,000 queued tasks take, the handle or promise of each held. */
import { bytesInUse } from '../lib/memory.mjs';
import { NOOP } from '../lib/noop.mjs';

const TASKS = 1_000_000;
const WARM = 1000;

/** A promise does not refer to its queue, which without this would be collected, with its tasks, before it is counted. */
const kept = new Set();

export const row = {
  id: 'e',
  cases: ['async'],
  able: (peer) => peer.hold !== undefined,
  async measure(peer) {
    const warm = await peer.hold(NOOP.async);
    for (let at = 0; at < WARM; at++) warm.add();
    const held = new Array(TASKS).fill(null); // the room for references is not the queue's
    const queue = await peer.hold(NOOP.async);
    kept.add(queue);
    const before = await bytesInUse();
    for (let at = 0; at < TASKS; at++) held[at] = queue.add();
    const after = await bytesInUse();
    if (held.includes(null)) throw new Error(`${peer.id}: a submit answered nothing to hold`);
    const perTask = (key) => (after[key] - before[key]) / TASKS;
    const figures = { 'e.bytes': perTask('total'), 'e.rss': perTask('rss') };
    return peer.id === 'offstage' ? { ...figures, 'e.wasm': perTask('wasm') } : figures;
  },
  lines: [
    { key: 'e.bytes', title: '1M queued, handles held: heap, external, wasm', unit: 'bytes/task' },
    { key: 'e.wasm', title: '… of that wasm memory', unit: 'bytes/task' },
    { key: 'e.rss', title: '… growth of the resident set', unit: 'bytes/task' },
  ],
  gates: [
    { line: 'e.bytes', says: '400', limit: () => 400 },
    { line: 'e.bytes', says: 'p-queue', limit: (at) => at('e.bytes', 'p-queue') },
  ],
  notes: [
    'e: one shared function for all tasks. Wasm memory grows in steps, and all of it counts. fastq with callbacks and Effect.forEach have nothing to hold for each.',
  ],
};
