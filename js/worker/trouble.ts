/** Tells a store that cannot be used any more from trouble that passes or concerns one task only. */
import { isTaskError, StoreError } from '../errors/index.ts';

/** True when the store is lost for this process. One that is only held by others for long is not. */
export function isStoreLost(error: unknown): boolean {
  if (!isTaskError(error) || error.code !== 'store') return false;
  return !isStoreBusy(error);
}

/** True when others held the store for too long; nothing was stored, and it may be tried again. */
export function isStoreBusy(error: unknown): boolean {
  return isTaskError(error) && error.code === 'store' && reasonOf(error.details) === 'busy';
}

const reasonOf = (details: unknown): unknown => (details as { reason?: unknown } | undefined)?.reason;

/** The store's file is not where it was. */
export const storeGone = (path: string): StoreError =>
  new StoreError(`the store ${path} was removed or replaced while a worker used it`, { details: { reason: 'gone' } });

/** One line about an error, for a log. */
export function oneLine(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
