/** Every form that a schedule may be written in, and what is said of what is none. */
import { invalid } from '../errors/argument.ts';
import { nearestOf } from '../wire/nearest.ts';
import { cronNext, fieldsProblem } from './cron.ts';
import { isoMoment } from './iso.ts';
import type { Plan, Reading } from './plan.ts';
import { dayOf, timeOf, unitOf } from './words.ts';

/** The longest interval: 366 days, in milliseconds. */
const LONGEST = 366 * 86_400_000;

const HOUR = 3_600_000;
const FIXED: Readonly<Record<string, number>> = { hourly: HOUR, daily: 24 * HOUR, weekly: 168 * HOUR };

/** A form, or undefined when the text is none of it. Throws what it is refused with. */
type Form = (text: string, reading: Reading) => Plan | undefined | Promise<Plan | undefined>;

/** What a text, or a number of seconds, means. `InvalidArgumentError` says what was expected, and the nearest form. */
export async function planOf(when: unknown, reading: Reading): Promise<Plan> {
  if (typeof when !== 'string' && typeof when !== 'number') throw refused(when);
  const text = String(when).trim().replace(/\s+/g, ' ');
  for (const form of FORMS) {
    const plan = await form(text, reading);
    if (plan !== undefined) return plan;
  }
  throw refused(when);
}

/** `90`: seconds. */
const plainSeconds: Form = (text) => (/^-?\d+(\.\d+)?$/.test(text) ? interval(text, Number(text), 1000) : undefined);

/** `hourly`, `every hour`. */
const named: Form = (text) => {
  const word = lower(text);
  const fixed = Object.hasOwn(FIXED, word) ? FIXED[word] : undefined;
  const [, unit] = /^every (minute|hour|day|week)$/.exec(word) ?? [];
  const every = fixed ?? (unit === undefined ? undefined : unitOf(unit));
  return every === undefined ? undefined : { kind: 'interval', every };
};

/** `*\/30m`, `5m`, `every 2 hours`. */
const counted: Form = (text) => {
  const [, steps, plain, word = ''] = /^(?:\*\/(-?[\d.]+)|(?:every )?(-?[\d.]+)) ?([a-z]+)$/.exec(lower(text)) ?? [];
  const unit = unitOf(word);
  const number = steps ?? plain;
  if (number === undefined || unit === undefined) return undefined;
  return interval(text, Number(number), unit);
};

/** `in 20 minutes`. */
const later: Form = (text, { now }) => {
  const [, number, word = ''] = /^in (-?[\d.]+|an?) ?([a-z]+)$/.exec(lower(text)) ?? [];
  const unit = unitOf(word);
  if (number === undefined || unit === undefined) return undefined;
  return { kind: 'once', at: now + span(text, number.startsWith('a') ? 1 : Number(number), unit) };
};

/** `at:2027-01-31T09:00`, `at 9am`. */
const once: Form = async (text, reading) => {
  const [, iso] = /^at:(.*)$/i.exec(text) ?? [];
  if (iso !== undefined) return { kind: 'once', at: future(text, isoMoment(iso.trim(), reading.zone), reading.now) };
  const [, time] = /^at (.*)$/.exec(lower(text)) ?? [];
  if (time === undefined) return undefined;
  const { hour, minute } = timeIn(text, time);
  return { kind: 'once', at: (await cronNext(`${minute} ${hour} * * *`, reading.zone, reading.now)) as number };
};

/** `cron:0 9 * * 1-5`, five fields, `@daily`. */
const cron: Form = async (text, { zone, now }) => {
  const [, given] = /^cron:(.*)$/i.exec(text) ?? [];
  const isBare = text.startsWith('@') || (text.split(' ').length >= 5 && /^[\d*][\S]* /.test(text));
  const fields = given?.trim() ?? (isBare ? text : undefined);
  if (fields === undefined) return undefined;
  const problem = await fieldsProblem(fields, zone, now);
  if (problem !== undefined) throw invalid('when', text, problem);
  return { kind: 'cron', fields };
};

/** `every day at 9am`, `weekdays 9am`, `every monday 9am`, `mon,wed,fri 17:30`, `every morning at 7am`. */
const weekly: Form = (text) => {
  const [, word, time] = /^(?:every )?([a-z]+(?:(?:, ?| and )[a-z]+)*)(?: at)?(?: (\d.*))?$/.exec(lower(text)) ?? [];
  const days = word === undefined ? undefined : daysOf(word);
  if (days === undefined || word === undefined) return undefined;
  if (time === undefined) throw expects(text, `a time of day as well, as "${lower(text).replace(/ at$/, '')} at 9am"`);
  const at = timeIn(text, time);
  if (HALVES[word]?.(at.hour) === false)
    throw expects(text, `a time that is in the ${word}, or "every day at ${time}"`);
  return { kind: 'cron', fields: `${at.minute} ${at.hour} * * ${days}` };
};

const FORMS: readonly Form[] = [plainSeconds, named, counted, later, once, cron, weekly];

const WHOLE: Readonly<Record<string, string>> = {
  day: '*',
  daily: '*',
  weekday: '1-5',
  weekdays: '1-5',
  weekend: '0,6',
  weekends: '0,6',
};

/** Which hours are called so. */
const HALVES: Readonly<Record<string, (hour: number) => boolean>> = {
  morning: (hour) => hour < 12,
  afternoon: (hour) => hour >= 12 && hour < 19,
  evening: (hour) => hour >= 16,
  night: (hour) => hour >= 18 || hour < 6,
};

/** The last of the five fields. */
function daysOf(words: string): string | undefined {
  if (Object.hasOwn(WHOLE, words)) return WHOLE[words];
  if (Object.hasOwn(HALVES, words)) return '*';
  const days = words.split(/, ?| and /).map(dayOf);
  return days.includes(undefined) ? undefined : days.join();
}

function timeIn(text: string, time: string): { hour: number; minute: number } {
  const found = timeOf(time);
  if (found === undefined) throw expects(text, 'a time of day, as 9am, 9:30pm or 17:30');
  return found;
}

function interval(text: string, number: number, unit: number): Plan {
  return { kind: 'interval', every: span(text, number, unit) };
}

function span(text: string, number: number, unit: number): number {
  if (!Number.isInteger(number) || number < 1) throw expects(text, 'a whole number of at least 1 of a unit');
  if (number * unit > LONGEST) throw expects(text, '366 days at most');
  return number * unit;
}

function future(text: string, at: number | undefined, now: number): number {
  if (at === undefined)
    throw expects(text, 'a date and time that there are, as at:2027-01-31T09:00 or at:2027-01-31T09:00Z');
  if (at <= now) throw expects(text, 'a moment that is to come');
  return at;
}

const lower = (text: string): string => text.toLowerCase();

const expects = (text: string, what: string) => invalid('when', text, what);

/** One of each form, as people may have meant it. */
const EXAMPLES: readonly string[] = [
  'hourly',
  'daily',
  'weekly',
  '30m',
  'every 2 hours',
  'every day at 9am',
  'weekdays at 9am',
  'weekends at 9am',
  'every monday at 9am',
  'every morning at 7am',
  'mon,wed,fri at 9am',
  'in 20 minutes',
  'at 9am',
  'at:2027-01-31T09:00',
  'cron:0 9 * * 1-5',
  '@monthly',
];

/** By what it holds, where no form is near as a word. */
const MEANT: readonly [RegExp, string][] = [
  [/mon\w* ?(-|to) ?fri/i, 'weekdays at 9am'],
  [/sat\w* ?(-|to|and) ?sun/i, 'weekends at 9am'],
  [/month/i, '@monthly'],
  [/year/i, '@yearly'],
  [/(mon|tues?|wed|thu|fri|sat|sun)/i, 'mon,wed,fri at 9am'],
  [/tomorrow|today|tonight|next|\d{4}-\d/i, 'at:2027-01-31T09:00'],
  [/(am|pm|\d:\d\d)\b/i, 'every day at 9am'],
  [/\*|\//, 'cron:0 9 * * 1-5'],
  [/\d/, 'every 2 hours'],
];

function refused(when: unknown) {
  const text = typeof when === 'string' ? when : '';
  const meant = MEANT.find(([pattern]) => pattern.test(text))?.[1] ?? nearestOf(text, EXAMPLES);
  const near = meant === undefined ? '' : `; the nearest form is "${meant}"`;
  return invalid(
    'when',
    when,
    `an interval as "30m" or "every 2 hours", a time as "every day at 9am" or "weekdays at 9am", a moment as "in 20 minutes" or "at:2027-01-31T09:00", or five cron fields${near}`,
  );
}
