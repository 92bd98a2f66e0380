/** 1,000 and 10,000 tasks submitted by one call, and every one awaited. */
import { openQueue } from '../queue.mjs';

const SIZES = { '1k': 1000, '10k': 10_000 };
const WARM = 200;
const WIDTH = 64;

export const row = {
  id: 'many',
  cases: Object.keys(SIZES),
  able: (peer) => peer.many === true,
  async measure(peer, size) {
    const queue = await openQueue(peer, WIDTH);
    await queue.many(WARM);
    const start = performance.now();
    await queue.many(SIZES[size]);
    const time = performance.now() - start;
    await queue.finish();
    return { [`many.${size}`]: (time / SIZES[size]) * 1000 };
  },
  lines: Object.keys(SIZES).map((size) => ({
    key: `many.${size}`,
    title: `${size} submitted by one call, each awaited`,
    unit: 'µs/task',
  })),
  gates: [{ line: 'many.10k', says: '1.3 × that of 1k', limit: (at) => 1.3 * at('many.1k', 'offstage') }],
  notes: ['many: a fresh store each, after 200 to warm up; 64 run at a time.'],
};
