/** What of a schedule is due, by how it makes up for what was missed. */
import { createHash } from 'node:crypto';
import type { Course } from './course.ts';

/** Of what was missed: the newest one, none, or so many of the newest. */
export type CatchUp = 'one' | 'none' | number;

/** Milliseconds that a moment may be late although nothing is made up for. */
const LATE = 60_000;
/** So many are made up for at most. */
export const MOST_CAUGHT_UP = 1000;

/** How a schedule stands. Times are milliseconds since the epoch. */
export interface Stand {
  id: string;
  nextAt: number | null;
  lastAt: number | null;
  catchUp: CatchUp;
  /** Milliseconds over which its tasks are spread. */
  jitter: number;
  /** How many moments it may still have; null: no limit. */
  left: number | null;
}

export interface Due {
  /** The oldest first. */
  moments: number[];
  skipped: number;
  /** What comes after now; null: nothing. */
  nextAt: number | null;
  /** When that is to be submitted. */
  dueAt: number | null;
}

/** What is to be done now, and what comes next whatever its limit. Nothing comes at or before what came last, whatever the clock says. */
export function dueOf(course: Course, stand: Stand, now: number): Due {
  const { nextAt, left } = stand;
  if (nextAt === null || nextAt > now) return { moments: [], skipped: 0, ...coming(stand, nextAt) };
  const found = caughtUp(course, nextAt, now, stand);
  const moments = left === null ? found : found.slice(0, left);
  const next = course.next(Math.max(now, stand.lastAt ?? now));
  return { moments, skipped: Math.max(0, course.count(nextAt, now) - moments.length), ...coming(stand, next) };
}

/** The moments from the first time on that are made up for. */
function caughtUp(course: Course, from: number, now: number, { catchUp, jitter }: Stand): number[] {
  if (catchUp !== 'none') return course.newest(from, now, catchUp === 'one' ? 1 : catchUp);
  return course.newest(Math.max(from, now - LATE - jitter), now, MOST_CAUGHT_UP);
}

/** A moment, and when it is to be submitted. */
export function coming(
  { id, jitter }: Pick<Stand, 'id' | 'jitter'>,
  nextAt: number | null,
): Pick<Due, 'nextAt' | 'dueAt'> {
  return { nextAt, dueAt: nextAt === null ? null : nextAt + spread(id, nextAt, jitter) };
}

/** Of one moment everybody says the same. */
function spread(id: string, at: number, jitter: number): number {
  if (jitter === 0) return 0;
  const part = createHash('sha256').update(`${id}:${at}`).digest().readUInt32BE(0) / 2 ** 32;
  return Math.floor(part * jitter);
}
