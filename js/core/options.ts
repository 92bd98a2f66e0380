/** Options as people give them, as numbers for the core. `parse` is `parseDuration` of whichever wasm is at hand. */
import { warn } from '#platform';
import { invalid } from '../errors/argument.ts';
import type { Duration } from '../wire/task-handle.ts';

type Parse = (value: Duration, option: string) => number;

const DAY = 86_400;
const PRIORITIES: Record<string, number> = { low: -10, normal: 0, high: 10, critical: 20 };

/** A priority by name or number; what is neither is an `InvalidArgumentError`. */
export function priorityOf(value: number | string | undefined): number | undefined {
  if (typeof value !== 'string') return value;
  const named = Object.hasOwn(PRIORITIES, value) ? PRIORITIES[value] : Number(value || Number.NaN);
  if (Number.isInteger(named)) return named;
  throw invalid('priority', value, 'a whole number or low, normal, high, critical');
}

/** Milliseconds, or null for none: 0, null and Infinity. */
export function timeoutMs(value: Duration | null, parse: Parse, option = 'timeout'): number | null {
  if (value === null || value === Number.POSITIVE_INFINITY) return null;
  const ms = seconds(value, option, parse) * 1000;
  return ms === 0 ? null : ms;
}

const warned = new Set<string>();

/** Seconds; warns once an option when a bare number is so large that milliseconds may be meant. */
export function seconds(value: Duration, option: string, parse: Parse): number {
  const result = parse(value, option);
  if (typeof value === 'number' && value > DAY && !warned.has(option)) {
    warned.add(option);
    warn(`${option} is ${value} seconds, more than a day; were milliseconds meant?`, 'OFFSTAGE_SECONDS');
  }
  return result;
}

/** Milliseconds since the epoch. */
export function momentMs(value: Date | string | number, option: string): number {
  const ms = value instanceof Date ? value.getTime() : typeof value === 'number' ? value : Date.parse(value);
  if (Number.isFinite(ms)) return ms;
  throw invalid(option, String(value), 'a date');
}
