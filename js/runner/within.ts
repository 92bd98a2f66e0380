import type { Entry } from './entry.ts';
import { MAX_TIMER, type Platform, type Timer } from './platform.ts';

/** Waits until a task is as wanted; false when the time is over first. Leaves nothing behind. */
export function within(
  platform: Platform,
  entry: Entry,
  wanted: () => boolean,
  ms: number,
  signal?: AbortSignal,
): Promise<boolean> {
  if (wanted()) return Promise.resolve(true);
  if (ms <= 0) return Promise.resolve(false);
  return new Promise((resolve, reject) => {
    let timer: Timer | undefined;
    const done = (): void => {
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
