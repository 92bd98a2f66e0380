import { shortDuration } from './duration.ts';

const two = (n: number): string => String(n).padStart(2, '0');

const dateOf = (at: Date): string => [at.getFullYear(), at.getMonth() + 1, at.getDate()].map(two).join('-');
const clockOf = (at: Date): string => [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':');

/** A moment as the clock on this person's wall shows it: `2026-01-31 09:05:00`. */
export function localTime(iso: string): string {
  const at = new Date(iso);
  return `${dateOf(at)} ${clockOf(at)}`;
}

/** The same without what does not matter: the date where it is that of today, the seconds where it is an hour away. */
export function nearTime(iso: string, now: number): string {
  const at = new Date(iso);
  const clock = at.getTime() - now < 3_600_000 ? clockOf(at) : clockOf(at).slice(0, 5);
  return dateOf(at) === dateOf(new Date(now)) ? clock : `${dateOf(at)} ${clock}`;
}

/** How long ago, in the largest unit: `3m ago`. */
export function ago(iso: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000);
  return `${shortDuration(seconds).replace(/ .*/, '')} ago`;
}

/** How far ahead: `in 3m`, `in 1h 59m`; `now` when the moment has come. */
export function ahead(iso: string, now: number): string {
  const seconds = Math.ceil((Date.parse(iso) - now) / 1000);
  return seconds > 0 ? `in ${shortDuration(seconds).replace(/ 0\w$/, '')}` : 'now';
}
