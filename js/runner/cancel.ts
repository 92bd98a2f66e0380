import { invalid } from '../errors/index.ts';
import { type Entry, LIVE } from './entry.ts';
import type { Inner } from './inner.ts';
import { checkObject } from './spec.ts';
import { within } from './within.ts';

const KEYS = { stopped: true };

/** Cancels now; false when it had ended. */
export function cancel(
  inner: Inner,
  entry: Entry,
  reason?: string,
  abortedWith?: { readonly reason: unknown },
): boolean {
  if (entry.ended !== LIVE) return false;
  if (abortedWith !== undefined) inner.extraOf(entry).abortedWith = abortedWith;
  // A stop that lets it run on has noted a reason of its own.
  if (reason !== undefined || entry.extra?.reason !== undefined) inner.extraOf(entry).reason = reason;
  return inner.driver.cancel(entry, reason);
}

/** The same, of whatever a user gave; with `stopped` it resolves when the work has ended or was given up. */
export async function cancelWith(
  inner: Inner,
  entry: Entry,
  reason: string | undefined,
  options: { stopped?: boolean | undefined } | undefined,
): Promise<boolean> {
  if (reason !== undefined && typeof reason !== 'string') throw invalid('reason', reason, 'a text');
  if (options !== undefined) checkObject('options', options, KEYS);
  const cancelled = cancel(inner, entry, reason);
  const over = (): boolean => entry.ended !== LIVE && entry.execution === undefined;
  if (options?.stopped) await within(inner, entry, over, Number.POSITIVE_INFINITY);
  return cancelled;
}
