/** Waiting for the runner, not for one task. */
import { invalid, WaitTimeoutError } from '../errors/index.ts';
import type { Duration } from '../wire/handle.ts';
import type { Inner } from './inner.ts';
import { type RunnerSummary, summary } from './list.ts';
import { sleep, waitMs } from './sleep.ts';
import type { Amounts } from './words.ts';

export async function waitAll(inner: Inner, timeout: Duration | undefined): Promise<RunnerSummary> {
  const done = await rests(inner, ({ live }) => live === 0, waitMs(timeout));
  if (!done) throw new WaitTimeoutError('', timeout ?? 0);
  return summary(inner);
}

export async function onRoom(inner: Inner, n: number): Promise<void> {
  if (typeof n !== 'number' || !(n >= 1)) throw invalid('n', n, 'a number from 1');
  await rests(inner, ({ pending }) => pending < n, Number.POSITIVE_INFINITY);
}

/** Resolves when the runner is as wanted; with false when the time is over first. */
function rests(inner: Inner, wanted: (amounts: Amounts) => boolean, ms: number): Promise<boolean> {
  if (wanted(inner.driver.amounts)) return Promise.resolve(true);
  if (ms <= 0) return Promise.resolve(false);
  return new Promise((resolve) => {
    let wake = (): void => {};
    const forget = inner.whenRested((amounts) => {
      if (!wanted(amounts)) return false;
      wake();
      resolve(true);
      return true;
    });
    wake = sleep(inner.platform, ms, () => {
      forget();
      resolve(false);
    });
  });
}
