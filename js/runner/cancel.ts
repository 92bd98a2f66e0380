import { type Entry, LIVE } from './entry.ts';
import type { Inner } from './inner.ts';

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
