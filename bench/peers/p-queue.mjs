/** p-queue, as its readme uses it: `add` for each, then `onIdle` or the promises. */
import PQueue from 'p-queue';

/** The same with other options of the queue. */
export function pQueue(id, title, options) {
  const drain = async (fn, n) => {
    const queue = new PQueue({ concurrency: 5, ...options });
    for (let at = 0; at < n; at++) queue.add(fn);
    await queue.onIdle();
  };
  return {
    id,
    title,
    package: 'p-queue',
    specifier: 'p-queue',
    first: `new module.default(${JSON.stringify({ concurrency: 5, ...options })}).add(() => 1)`,
    kinds: ['sync', 'async'],
    cancels: ['all', 'each'],
    drain,
    async each(fn, n) {
      const queue = new PQueue({ concurrency: 5, ...options });
      const promises = new Array(n);
      for (let at = 0; at < n; at++) promises[at] = queue.add(fn);
      await Promise.all(promises);
    },
    hold(fn) {
      const queue = new PQueue({ concurrency: 5, autoStart: false, ...options });
      return { add: () => queue.add(fn), cancelAll: () => queue.clear(), quiet };
    },
    /** One task is cancelled by a signal of its own; there is no other way. */
    holdEach(fn) {
      const queue = new PQueue({ concurrency: 5, autoStart: false, ...options });
      return {
        add() {
          const controller = new AbortController();
          return { controller, promise: queue.add(fn, { signal: controller.signal }) };
        },
        cancel: ({ controller }) => controller.abort(),
        quiet: (handles) => quiet(handles.map(({ promise }) => promise)),
      };
    },
  };
}

/** Cancelled promises reject; nobody waits for them here. */
const quiet = (promises) => {
  for (const promise of promises) promise.catch(() => {});
};

export const peer = pQueue('p-queue', 'p-queue');
