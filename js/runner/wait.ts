/** Waiting for one task. */
import { seconds } from '../core/runner.ts';
import { invalid, WaitTimeoutError } from '../errors/index.ts';
import type { Duration, HandleWaitOptions } from '../wire/task-handle.ts';
import { awaited, type Entry, LIVE } from './entry.ts';
import type { Inner } from './inner.ts';
import { outcome } from './outcome.ts';
import { checkKeys } from './spec.ts';
import { within } from './within.ts';

const KEYS: Record<keyof HandleWaitOptions, true> = { timeout: true, signal: true };

/** Resolves with the result of a task; rejects as `RunnerTaskHandle.wait` says. */
export function wait(inner: Inner, entry: Entry, limit: Duration | HandleWaitOptions | undefined): Promise<unknown> {
  if (limit !== undefined) return waitWithin(inner, entry, limit);
  if (entry.ended !== LIVE) return outcome(inner, entry);
  if (entry.resolve === undefined) inner.hold();
  return awaited(entry);
}

async function waitWithin(inner: Inner, entry: Entry, limit: Duration | HandleWaitOptions): Promise<unknown> {
  if (typeof limit !== 'number' && typeof limit !== 'string' && (typeof limit !== 'object' || limit === null)) {
    throw invalid('timeout', limit, 'seconds, a text such as "90s", or options');
  }
  if (typeof limit === 'object') checkKeys(limit, KEYS);
  const { timeout, signal } = typeof limit === 'object' ? limit : { timeout: limit, signal: undefined };
  signal?.throwIfAborted();
  const ms = waitMs(timeout);
  const ended = await within(inner, entry, () => entry.ended !== LIVE, ms, signal);
  if (!ended) throw new WaitTimeoutError(inner.idOf(entry), timeout ?? 0);
  return outcome(inner, entry);
}

/** Milliseconds of the time that somebody waits; without one, for ever. */
export function waitMs(timeout: Duration | undefined): number {
  if (timeout === undefined || timeout === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  return seconds(timeout, 'timeout') * 1000;
}

/** Whether nothing is waited for. */
export function looksOnce(limit: Duration | HandleWaitOptions | undefined): boolean {
  return limit === 0 || (typeof limit === 'object' && limit?.timeout === 0);
}
