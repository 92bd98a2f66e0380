/**
 * Effect: `Effect.forEach` with `concurrency`, the effect made once, results discarded where nobody waits for them.
 *
 * It is told all its tasks at once, so it has nothing for the rows that queue one by one. Fibers behind a semaphore would be
 * something else, and take half a minute for 100k.
 */
import { Effect } from 'effect';
import { numbers } from '../lib/noop.mjs';

const lift = { sync: (fn) => Effect.sync(fn), async: (fn) => Effect.promise(fn) };
const all = (effect, n, discard) =>
  Effect.runPromise(Effect.forEach(numbers(n), () => effect, { concurrency: 5, discard }));

export const peer = {
  id: 'effect',
  title: 'Effect',
  package: 'effect',
  specifier: 'effect',
  first: 'module.Effect.runPromise(module.Effect.forEach([0], () => module.Effect.sync(() => 1), { concurrency: 5 }))',
  kinds: ['sync', 'async'],
  async drain(fn, n, kind) {
    await all(lift[kind](fn), n, true);
  },
  async each(fn, n, kind) {
    await all(lift[kind](fn), n, false);
  },
  async deadlines(fn, n, kind) {
    await all(lift[kind](fn).pipe(Effect.timeout('300 seconds')), n, true);
  },
};
