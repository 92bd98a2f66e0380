import { invalid } from '../errors/argument.ts';

/** The part of either wasm that reads durations. */
interface Durations {
  parseDuration(text: string, option: string): number;
  checkSeconds(seconds: number, option: string): number;
}

/** Seconds of a number of seconds or a text such as `"90s"`, `"30m"`, `"1.5h"`. */
export function parsed(core: Durations, value: unknown, option: string): number {
  if (typeof value === 'number') return core.checkSeconds(value, option);
  if (typeof value !== 'string') throw invalid(option, value, 'seconds, or a text such as "90s"');
  return core.parseDuration(value, option);
}
