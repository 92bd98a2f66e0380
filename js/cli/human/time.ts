import { shortDuration } from './duration.ts';

const two = (n: number): string => String(n).padStart(2, '0');

const dateOf = (at: Date): string => [at.getFullYear(), at.getMonth() + 1, at.getDate()].map(two).join('-');
const clockOf = (at: Date): string => [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':');

/** A moment as the clock on this person's wall shows it: `2026-01-31 09:05:00`. */
export function localTime(iso: string): string {
  const at = new Date(iso);
  return `${dateOf(at)} ${clockOf(at)}`;
}

/** The same without the date where it is that of today. */
export function nearTime(iso: string, now: number): string {
  const at = new Date(iso);
  return dateOf(at) === dateOf(new Date(now)) ? clockOf(at) : localTime(iso);
}

/** How long ago, in the largest unit: `3m ago`. */
export const ago = (iso: string, now: number): string => `${roughly(now - Date.parse(iso))} ago`;

/** How far ahead: `in 3m`; `now` when the moment has come. */
export function ahead(iso: string, now: number): string {
  const ms = Date.parse(iso) - now;
  return ms > 0 ? `in ${roughly(ms + 999)}` : 'now';
}

const roughly = (ms: number): string => shortDuration(Math.max(0, ms / 1000)).replace(/ .*/, '');
