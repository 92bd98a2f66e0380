/** Waiting for the runner, not for one task. */
import { invalid, WaitTimeoutError } from '../errors/index.ts';
import type { Duration } from '../wire/task-handle.ts';
import type { Inner } from './inner.ts';
import { type RunnerSummary, summary } from './list.ts';
import { waitMs } from './wait.ts';

export async function waitAll(inner: Inner, timeout: Duration | undefined): Promise<RunnerSummary> {
  const ms = waitMs(timeout);
  const ended = await inner.whenTold((runner, now) => runner.allEnded(ms, now));
  if (!ended) throw new WaitTimeoutError('', timeout ?? 0);
  return summary(inner);
}

export async function onRoom(inner: Inner, n: number): Promise<void> {
  if (typeof n !== 'number' || !(n >= 1)) throw invalid('n', n, 'a number from 1');
  await inner.whenTold((runner, now) => runner.room(n, now));
}
