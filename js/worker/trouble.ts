/** Tells a store that cannot be used any more from trouble that passes or concerns one task only. */
import { isTaskError } from '../errors/base.ts';
import { storeReason } from '../errors/refusal.ts';
import { type Clock, pause } from './clock.ts';

/**
 * True when the store is lost for this process, or the core that decides in it. One that others hold for long, or whose
 * disk is full, is not.
 */
export function isStoreLost(error: unknown): boolean {
  if (!isTaskError(error)) return false;
  return error.code === 'core_dead' || (error.code === 'store' && !isPassing(error));
}

/** True when nothing was stored for a reason that passes, so that it is to be tried again. */
export function isPassing(error: unknown): boolean {
  return PASSING.includes(storeReason(error));
}

const PASSING: readonly unknown[] = ['busy', 'full', 'ioerr'];

/** Milliseconds before what the store could not take is tried again. */
const TRY_AGAIN = 500;

/** Asks again while the trouble is one that passes. */
export async function insist<T>(clock: Clock, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isPassing(error)) throw error;
      await pause(clock, TRY_AGAIN);
    }
  }
}

/** One line about an error, for a log. */
export function oneLine(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
