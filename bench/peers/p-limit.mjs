/** p-limit: `limit.map`, which answers the promise of all results, is its only way for many. Its readme has no timeout. */
import pLimit from 'p-limit';
import { numbers } from '../lib/noop.mjs';

const map = async (fn, n) => {
  await pLimit(5).map(numbers(n), fn);
};

export const peer = {
  id: 'p-limit',
  title: 'p-limit',
  package: 'p-limit',
  specifier: 'p-limit',
  first: 'module.default(5)(() => 1)',
  kinds: ['sync', 'async'],
  cancels: ['all'],
  drain: map,
  each: map,
  /** It cannot be paused, so a task that never ends keeps the one slot. */
  hold(fn) {
    const limit = pLimit({ concurrency: 1, rejectOnClear: true });
    limit(() => new Promise(() => {}));
    return {
      add: () => limit(fn),
      cancelAll: () => limit.clearQueue(),
      quiet(promises) {
        for (const promise of promises) promise.catch(() => {});
      },
    };
  },
};
