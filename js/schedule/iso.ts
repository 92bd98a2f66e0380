/** Dates as ISO 8601 writes them. */
import { momentOf } from './zone.ts';

const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?(Z|[+-]\d\d:?\d\d)?)?$/i;

/**
 * The moment, in milliseconds since the epoch; without an offset it is wall time of the zone. Undefined for what is no date, or
 * one that there is not: `Date.parse` makes 2 March of 30 February.
 */
export function isoMoment(text: string, zone: string): number | undefined {
  const parts = ISO.exec(text);
  if (parts === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const wall = Date.UTC(year, month - 1, day, hour, minute, second) + Number((parts[7] ?? '0').padEnd(3, '0'));
  const again = new Date(wall);
  const isSame = again.getUTCMonth() === month - 1 && again.getUTCDate() === day && again.getUTCHours() === hour;
  if (!isSame || minute > 59 || second > 59 || year < 1970) return undefined;
  const offset = parts[8] === undefined ? undefined : offsetOf(parts[8]);
  if (parts[8] === undefined) return momentOf(wall, zone);
  return offset === undefined ? undefined : wall - offset;
}

/** Milliseconds; undefined beyond 14 hours. */
function offsetOf(text: string): number | undefined {
  if (/^z$/i.test(text)) return 0;
  const [sign, hours, minutes] = [text[0] === '-' ? -1 : 1, Number(text.slice(1, 3)), Number(text.slice(-2))];
  return hours > 14 || minutes > 59 ? undefined : sign * (hours * 60 + minutes) * 60_000;
}
