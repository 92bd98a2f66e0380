import { seconds } from '../core/runner.ts';
import type { Duration } from '../wire/handle.ts';
import { MAX_TIMER, type Platform, type Timer } from './platform.ts';

/** Milliseconds of the time that somebody waits; without one, for ever. */
export function waitMs(timeout: Duration | undefined): number {
  if (timeout === undefined || timeout === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  return seconds(timeout, 'timeout') * 1000;
}

/** Calls back after so many milliseconds, however many, and never early; answers with how to end that. */
export function sleep(platform: Platform, ms: number, callback: () => void): () => void {
  const until = platform.mono() + ms;
  let timer: Timer | undefined;
  const look = (): void => {
    const left = until - platform.mono();
    if (left <= 0) callback();
    else if (left !== Number.POSITIVE_INFINITY) timer = platform.timer(look, Math.min(Math.ceil(left), MAX_TIMER));
  };
  look();
  return () => timer?.clear();
}
