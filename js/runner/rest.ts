/** Waiting for the runner, not for one task. */
import { seconds as parse } from '../core/runner.ts';
import { invalid, WaitTimeoutError } from '../errors/index.ts';
import type { Duration } from '../wire/handle.ts';
import type { Inner } from './inner.ts';
import { type RunnerSummary, summary } from './list.ts';
import { MAX_TIMER, type Timer } from './platform.ts';

export async function waitAll(inner: Inner, timeout: Duration | undefined): Promise<RunnerSummary> {
  const endless = timeout === undefined || timeout === Number.POSITIVE_INFINITY;
  const ms = endless ? Number.POSITIVE_INFINITY : parse(timeout, 'timeout') * 1000;
  const done = await rests(inner, () => inner.driver.ask((runner) => runner.live()) === 0, ms);
  if (!done) throw new WaitTimeoutError('', timeout ?? 0);
  return summary(inner);
}

export async function onRoom(inner: Inner, n: number): Promise<void> {
  if (typeof n !== 'number' || !(n >= 1)) throw invalid('n', n, 'a number from 1');
  await rests(inner, () => inner.driver.ask((runner) => runner.pending()) < n, Number.POSITIVE_INFINITY);
}

/** Resolves when the runner is as wanted; with false when the time is over first. */
function rests(inner: Inner, wanted: () => boolean, ms: number): Promise<boolean> {
  if (wanted()) return Promise.resolve(true);
  if (ms <= 0) return Promise.resolve(false);
  return new Promise((resolve) => {
    let timer: Timer | undefined;
    const forget = inner.whenRested(() => {
      if (!wanted()) return false;
      timer?.clear();
      resolve(true);
      return true;
    });
    const until = inner.platform.mono() + ms;
    const sleep = (): void => {
      const left = until - inner.platform.mono();
      if (left <= 0) {
        forget();
        resolve(false);
      } else if (left !== Number.POSITIVE_INFINITY) {
        timer = inner.platform.timer(sleep, Math.min(Math.ceil(left), MAX_TIMER));
      }
    };
    sleep();
  });
}
