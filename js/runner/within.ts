import type { Entry } from './entry.ts';
import type { Inner } from './inner.ts';
import { MAX_TIMER, type Timer } from './platform.ts';

/** Waits until a task is as wanted; false when the time is over first. Leaves nothing behind. */
export function within(
  inner: Inner,
  entry: Entry,
  wanted: () => boolean,
  ms: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const { platform } = inner;
  if (wanted()) return Promise.resolve(true);
  if (ms <= 0) return Promise.resolve(false);
  return new Promise((resolve, reject) => {
    let timer: Timer | undefined;
    let over = false;
    inner.hold();
    const done = (): void => {
      if (!over) inner.release();
      over = true;
      unwatch();
      timer?.clear();
      signal?.removeEventListener('abort', aborted);
    };
    const aborted = (): void => {
      done();
      reject(signal?.reason);
    };
    const unwatch = entry.watch(() => {
      if (!wanted()) return;
      done();
      resolve(true);
    });
    const until = platform.mono() + ms;
    const sleep = (): void => {
      const left = until - platform.mono();
      if (left <= 0) {
        done();
        resolve(false);
      } else if (left !== Number.POSITIVE_INFINITY) {
        timer = platform.timer(sleep, Math.min(Math.ceil(left), MAX_TIMER));
      }
    };
    signal?.addEventListener('abort', aborted, { once: true });
    sleep();
  });
}
