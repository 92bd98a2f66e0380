import { within } from '../../waiting.js';

/** A promise that a test settles; who waits for it waits no longer than any wait. */
export interface Deferred<T = void> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

export function deferred<T = void>(what = 'something that the test settles'): Deferred<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const settled = new Promise<T>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return {
    get promise() {
      return within(settled, { what, hold: false });
    },
    resolve,
    reject,
  };
}
