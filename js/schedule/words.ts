/** The words of schedules: units, days, times of day. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Milliseconds by what a unit is called. */
const UNITS: readonly [RegExp, number][] = [
  [/^(s|secs?|seconds?)$/, SECOND],
  [/^(m|mins?|minutes?)$/, MINUTE],
  [/^(h|hrs?|hours?)$/, HOUR],
  [/^(d|days?)$/, DAY],
  [/^(w|weeks?)$/, 7 * DAY],
];

/** Milliseconds of a unit; undefined for what is none. */
export const unitOf = (word: string): number | undefined => UNITS.find(([pattern]) => pattern.test(word))?.[1];

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

/** Sunday is 0; three letters or all of them. */
export function dayOf(word: string): number | undefined {
  const found = DAYS.findIndex((day) => day === word || day.slice(0, 3) === word || `${day}s` === word);
  return found < 0 ? undefined : found;
}

/** `9am`, `9:30pm`, `17:30`; undefined for what is none. */
export function timeOf(text: string): { hour: number; minute: number } | undefined {
  const [, hours, minutes = '00', half] = /^(\d{1,2})(?::(\d{2}))? ?(am|pm)?$/.exec(text) ?? [];
  if (hours === undefined || (half === undefined && !text.includes(':'))) return undefined;
  const [given, minute] = [Number(hours), Number(minutes)];
  if (minute > 59 || given > (half === undefined ? 23 : 12) || (half !== undefined && given === 0)) return undefined;
  if (half === undefined) return { hour: given, minute };
  return { hour: (given % 12) + (half === 'pm' ? 12 : 0), minute };
}
