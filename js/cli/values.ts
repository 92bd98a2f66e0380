/** From what was typed to what the verbs take. Every error names the option, the value and what was expected. */
import { InvalidArgumentError, invalid } from '../errors/argument.ts';
import { STATUSES, type TaskStatus } from '../wire/task.ts';
import { withoutMark } from '../wire/text.ts';

/** Seconds as a number, or a text such as `90s` as it is. */
export function duration(option: string, text: string): number | string {
  if (/^\d+(\.\d+)?\s*(ms|s|m|h|d)$/.test(text)) return text;
  const seconds = decimal(text);
  if (seconds !== undefined && seconds >= 0) return seconds;
  throw invalid(option, text, 'seconds, 0 or more, or a text such as 90s, 30m, 2h');
}

/** As `duration`; `none` and `Infinity` mean no limit, as 0 does. */
export function timeLimit(option: string, text: string): number | string {
  return /^(none|infinity)$/i.test(text) ? 0 : duration(option, text);
}

/** A number of seconds, 0 or more. */
export function seconds(option: string, text: string): number {
  const value = decimal(text);
  if (value !== undefined && value >= 0) return value;
  throw invalid(option, text, 'a number of seconds, 0 or more');
}

/** US dollars, more than none. */
export function dollars(option: string, text: string): number {
  const value = decimal(text.replace(/^\$/, ''));
  if (value !== undefined && value > 0) return value;
  throw invalid(option, text, 'US dollars above 0, such as 0.50');
}

/** A whole number from `least`, to `most` where there is one. */
export function whole(option: string, text: string, least: number, most?: number): number {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value) && value >= least && value <= (most ?? value)) return value;
  throw invalid(
    option,
    text,
    `a whole number${most === undefined ? `, ${least} or more` : ` from ${least} to ${most}`}`,
  );
}

/** A whole number, or one of the names that priorities have. */
export function priority(option: string, text: string): number | string {
  if (['low', 'normal', 'high', 'critical'].includes(text)) return text;
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw invalid(option, text, 'a whole number, or low, normal, high or critical');
}

const TIME = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) ?(Z|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * A moment: a time of day, the next one from `now`; or a date, with or without a time. It is local unless it names a zone.
 */
export function moment(option: string, text: string, now = new Date()): Date {
  const found = timeOfDay(text, now) ?? dated(text);
  if (found !== undefined) return found;
  throw invalid(option, text, 'a time such as 18:30, "2026-12-24 18:30" or, with a zone, 2026-12-24T18:30Z');
}

function timeOfDay(text: string, now: Date): Date | undefined {
  const [hours, minutes, seconds = 0] = (TIME.exec(text) ?? []).slice(1).map((part) => Number(part ?? 0));
  if (hours === undefined || minutes === undefined || hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const on = (days: number): Date =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hours, minutes, seconds);
  return on(0) > now ? on(0) : on(1);
}

function dated(text: string): Date | undefined {
  const [, year, month, day, time = '00:00', zone = ''] = DATE.exec(text) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const moment = new Date(`${year}-${month}-${day}T${time}${zone.toUpperCase()}`);
  const isOfMonth = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  return isOfMonth && Number.isFinite(moment.getTime()) ? moment : undefined;
}

/** One of the given words. */
export function oneOf<const T extends string>(option: string, text: string, words: readonly T[]): T {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw invalid(option, text, words.join(' or '));
}

/** Words of those that are known, several in one with commas between them. */
export function someOf<T extends string>(
  option: string,
  given: readonly string[],
  known: readonly T[],
  more = '',
): T[] {
  const words = given.flatMap((word) => word.split(',').map((part) => part.trim()));
  return words.map((word) => {
    const found = known.find((one) => one === word);
    if (found !== undefined) return found;
    throw invalid(option, word, `one of ${known.join(', ')}${more}`);
  });
}

/** Task states, several in one word with commas between them; `done` is `completed`. */
export function statuses(option: string, words: readonly string[]): TaskStatus[] {
  const given = words.flatMap((word) => word.split(',').map((part) => (part.trim() === 'done' ? 'completed' : part)));
  return someOf(option, given, STATUSES, ' (done is completed)');
}

/** A JSON object. */
export function jsonObject(option: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(withoutMark(text));
  } catch (cause) {
    throw new InvalidArgumentError(
      `${option}: got ${JSON.stringify(cut(text))}, expected a JSON object (${(cause as Error).message})`,
      { option, expected: 'a JSON object' },
    );
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalid(option, text, 'a JSON object');
}

/** JSON, or the text itself where it is not JSON. */
export function jsonOrText(given: string): unknown {
  const text = withoutMark(given);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function decimal(text: string): number | undefined {
  return /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text) ? finite(Number(text)) : undefined;
}

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);

const cut = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text);
