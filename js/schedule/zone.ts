/** Time zones, and wall times in them. */
import { invalid } from '../errors/argument.ts';

/** The zone of this system. */
export const systemZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** As the system spells it. `InvalidArgumentError` for one that is not known, and for mere offsets, which know no daylight saving. */
export function checkedZone(zone: unknown): string {
  const expected = 'the name of a time zone, as Europe/Berlin or UTC';
  if (typeof zone !== 'string' || zone === '' || /^[+-]|^(utc|gmt)[+-]/i.test(zone))
    throw invalid('zone', zone, expected);
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    throw invalid('zone', zone, expected);
  }
}

const DAY = 86_400_000;

/**
 * The moment of a wall time, which is given as if it were UTC. One that a zone leaves out moves by what was left out; of two the
 * first is meant.
 */
export function momentOf(wall: number, zone: string): number {
  const before = offsetAt(wall - DAY, zone);
  const found = [before, offsetAt(wall + DAY, zone)]
    .map((offset) => wall - offset)
    .filter((at) => at + offsetAt(at, zone) === wall);
  return found.length === 0 ? wall - before : Math.min(...found);
}

/** Milliseconds that the zone's wall clock is ahead of UTC. */
function offsetAt(at: number, zone: string): number {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    const digits = {
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, calendar: 'gregory', hourCycle: 'h23', ...digits });
    formats.set(zone, format);
  }
  return format;
}
