export type { Platform, Timer } from '../core/runner.ts';

/** The longest time that one timer can take, in milliseconds. */
export const MAX_TIMER = 2 ** 31 - 1;
