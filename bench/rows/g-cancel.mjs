/** (g) Cancel 100,000 queued tasks, all at once and one by one, against submitting them. */
import { NOOP } from '../lib/noop.mjs';

const TASKS = 100_000;
const WARM = 5000;
const WARM_TIMES = 4;

async function submitThenCancel(queue, n, cancel) {
  globalThis.gc();
  const handles = new Array(n);
  const start = performance.now();
  for (let at = 0; at < n; at++) handles[at] = queue.add();
  const submitted = performance.now() - start;
  queue.quiet?.(handles);
  globalThis.gc();
  const cancelStart = performance.now();
  await cancel(queue, handles);
  const cancelled = performance.now() - cancelStart;
  await queue.close?.();
  return { submitted, cancelled };
}

const all = (queue) => queue.cancelAll();
const each = (queue, handles) => Promise.all(handles.map((handle) => queue.cancel(handle)));

async function measured(open, cancel) {
  for (let time = 0; time < WARM_TIMES; time++) await submitThenCancel(await open(), WARM, cancel);
  return submitThenCancel(await open(), TASKS, cancel);
}

export const row = {
  id: 'g',
  cases: ['all', 'each'],
  able: (peer, which) => peer.cancels?.includes(which) ?? false,
  async measure(peer, which) {
    const open = which === 'each' ? (peer.holdEach ?? peer.hold) : peer.hold;
    const { submitted, cancelled } = await measured(() => open(NOOP.async), which === 'each' ? each : all);
    return { [`g.${which}`]: cancelled, [`g.${which}.ratio`]: cancelled / submitted };
  },
  lines: [
    { key: 'g.all', title: 'cancel 100k queued, all at once', unit: 'ms' },
    { key: 'g.all.ratio', title: '… ÷ submitting them', unit: '×' },
    { key: 'g.each', title: 'cancel 100k queued, one by one', unit: 'ms' },
    { key: 'g.each.ratio', title: '… ÷ submitting them', unit: '×' },
  ],
  gates: [
    { line: 'g.all.ratio', says: '1.0', limit: () => 1 },
    { line: 'g.each.ratio', says: '1.0', limit: () => 1 },
  ],
  notes: [
    'g: until the call, or what it answers, is done. p-queue: clear(), and a signal of its own for each; p-limit: clearQueue(); fastq: abort(), which cannot take one alone.',
  ],
};
