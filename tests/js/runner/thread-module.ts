/** What the tests of `submitThread` run in a thread. */
import { threadId } from 'node:worker_threads';

/** Places in the memory that a test shares with its threads. */
export const STARTED = 0;
export const GATE = 1;
export const BEATS = 2;

let calls = 0;

const does: Record<string, (...args: never[]) => unknown> = {
  tell: (...args: unknown[]) => ({ args, calls, threadId }),
  undefined: () => undefined,
  bytes: () => new Uint8Array([1, 2, 3]),
  /** Blocks its thread until the gate is open, then says what it was called with. */
  gate: (memory: Int32Array, tag: unknown) => {
    Atomics.add(memory, STARTED, 1);
    Atomics.notify(memory, STARTED);
    Atomics.wait(memory, GATE, 0);
    return tag;
  },
  /** Never returns; counts as long as it runs. */
  spin: (memory: Int32Array) => {
    Atomics.add(memory, BEATS, 1);
    Atomics.add(memory, STARTED, 1);
    Atomics.notify(memory, STARTED);
    for (;;) Atomics.add(memory, BEATS, 1);
  },
  /** Fails so many times before it returns. */
  flaky: (memory: Int32Array, failures: number) => {
    if (Atomics.add(memory, STARTED, 1) < failures) throw new Error('not yet');
    return 'at last';
  },
  throwError: () => {
    const cause = new TypeError('the reason');
    throw Object.assign(new RangeError('out of range', { cause }), { code: 'E_RANGE' });
  },
  throwOwn: () => {
    class QuotaError extends Error {
      override name = 'QuotaError';
      readonly retry = () => true;
    }
    throw new QuotaError('no quota left');
  },
  throwFinal: (memory: Int32Array) => {
    Atomics.add(memory, STARTED, 1);
    throw Object.assign(new Error('for good'), { retryable: false });
  },
  throwUndefined: () => {
    throw undefined;
  },
  uncopied: () => ({ callback: () => 1 }),
  exit: () => process.exit(3),
  /** Returns, and fails once the gate is open. */
  late: (memory: Int32Array) => {
    const timer = setInterval(() => {
      if (Atomics.load(memory, GATE) === 0) return;
      clearInterval(timer);
      throw new Error('too late to matter');
    }, 1);
    return 'in time';
  },
};

export default async function run(what: string, ...args: never[]): Promise<unknown> {
  calls += 1;
  return does[what]?.(...args);
}
