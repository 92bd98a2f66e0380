/** Memory that a test shares with its threads, and waiting for them. */
import { within } from '../../waiting.js';
import { GATE, STARTED } from './thread-module.js';

export const memory = (): Int32Array<SharedArrayBuffer> => new Int32Array(new SharedArrayBuffer(12));

/** An idle thread keeps no process alive, so the test does while it waits for one. */
export async function held<T>(promise: Promise<T>): Promise<T> {
  return within(promise, { what: 'a thread' });
}

/** Not in the types of the oldest supported Node, but there. */
const { waitAsync } = Atomics as unknown as {
  waitAsync(shared: Int32Array, index: number, value: number): { value: Promise<unknown> | string };
};

/** Until so many have started. */
export async function started(shared: Int32Array<SharedArrayBuffer>, count: number): Promise<void> {
  for (let seen = Atomics.load(shared, STARTED); seen < count; seen = Atomics.load(shared, STARTED)) {
    await held(Promise.resolve(waitAsync(shared, STARTED, seen).value));
  }
}

export function open(shared: Int32Array<SharedArrayBuffer>): void {
  Atomics.store(shared, GATE, 1);
  Atomics.notify(shared, GATE);
}
