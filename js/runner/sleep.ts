import { seconds } from '../core/runner.ts';
import type { Duration } from '../wire/task-handle.ts';
import { MAX_TIMER, type Platform, type Timer } from './platform.ts';

/** A timer may ring so much too early, in milliseconds. */
const EARLY = 1;

/** Milliseconds of the time that somebody waits; without one, for ever. */
export function waitMs(timeout: Duration | undefined): number {
  if (timeout === undefined || timeout === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  return seconds(timeout, 'timeout') * 1000;
}

/**
 * Calls back after so many milliseconds, however many; answers with how to end that. A timer that rings has come, whatever
 * the clock shows: fake timers go by no clock.
 */
export function sleep(platform: Platform, ms: number, callback: () => void): () => void {
  let left = ms;
  let until = platform.mono();
  let timer: Timer | undefined;
  const look = (): void => {
    const early = until - platform.mono();
    if (early > 0 && early <= EARLY) timer = platform.timer(look, EARLY);
    else if (left <= 0) callback();
    else if (left !== Number.POSITIVE_INFINITY) {
      const span = Math.min(Math.ceil(left), MAX_TIMER);
      left -= span;
      until = platform.mono() + span;
      timer = platform.timer(look, span);
    }
  };
  look();
  return () => timer?.clear();
}
