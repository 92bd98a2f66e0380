import { onAbort } from '../wire/abort.ts';
import type { AbortSignal } from '../wire/globals.ts';
import { type Entry, watch } from './entry.ts';
import type { Inner } from './inner.ts';

/** Waits until a task is as wanted; false when the time is over first. Leaves nothing behind. */
export function within(
  inner: Inner,
  entry: Entry,
  wanted: () => boolean,
  ms: number,
  signal?: AbortSignal | undefined,
): Promise<boolean> {
  if (wanted()) return Promise.resolve(true);
  if (ms <= 0) return Promise.resolve(false);
  return new Promise((resolve, reject) => {
    let wake = (): void => {};
    let over = false;
    inner.hold();
    const done = (): void => {
      if (!over) inner.release();
      over = true;
      unwatch();
      wake();
      forget();
      leave?.();
    };
    const aborted = (): void => {
      done();
      reject(signal?.reason);
    };
    const forget = inner.whenDead((error) => {
      done();
      reject(error);
    });
    const unwatch = watch(entry, () => {
      if (!wanted()) return;
      done();
      resolve(true);
    });
    const leave = signal === undefined ? undefined : onAbort(signal, aborted);
    wake = inner.driver.times.after(ms, () => {
      done();
      resolve(false);
    });
  });
}
