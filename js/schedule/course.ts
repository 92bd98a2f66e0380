/** The moments of a plan: what comes next, and what has come meanwhile. Nothing here walks from one moment to the next. */
import type { Cron } from 'croner';
import { cronOf } from './cron.ts';
import type { Plan } from './plan.ts';

/** Times are milliseconds since the epoch. */
export interface Course {
  /** The first moment after that one; null: none comes. */
  next(after: number): number | null;
  /** The newest moments from the first to the second time, both included, `most` at most, the oldest first. */
  newest(from: number, until: number, most: number): number[];
  /** How many there are from the first to the second time; of cron fields `MOST_COUNTED` at most, as counting is walking. */
  count(from: number, until: number): number;
}

/** So many missed moments of cron fields are counted. */
export const MOST_COUNTED = 1000;

/** Where a course begins and ends. */
export interface Bounds {
  zone: string;
  /** The phase of an interval: its first moment is one interval later. */
  anchor: number;
  /** No moment before that; the first one of an interval. */
  starts?: number | null;
  /** No moment after that. */
  ends?: number | null;
}

export async function courseOf(plan: Plan, bounds: Bounds): Promise<Course> {
  return within(
    plan.kind === 'cron' ? cronCourse(await cronOf(plan.fields, bounds.zone)) : plainCourse(plan, bounds),
    bounds,
  );
}

function plainCourse(plan: Exclude<Plan, { kind: 'cron' }>, bounds: Bounds): Course {
  if (plan.kind === 'once') return onceCourse(plan.at);
  const { starts, anchor } = bounds;
  return intervalCourse(plan.every, starts == null ? anchor : starts - plan.every);
}

function onceCourse(at: number): Course {
  const count = (from: number, until: number): number => (from <= at && at <= until ? 1 : 0);
  return {
    next: (after) => (after < at ? at : null),
    newest: (from, until, most) => (most > 0 && count(from, until) > 0 ? [at] : []),
    count,
  };
}

function intervalCourse(every: number, anchor: number): Course {
  /** How many intervals are over. */
  const over = (at: number): number => Math.max(0, Math.floor((at - anchor) / every));
  const count = (from: number, until: number): number => Math.max(0, over(until) - over(from - 1));
  return {
    next: (after) => anchor + (over(after) + 1) * every,
    newest: (from, until, most) => {
      const length = Math.min(most, count(from, until));
      const last = over(until);
      return Array.from({ length }, (_, index) => anchor + (last - length + 1 + index) * every);
    },
    count,
  };
}

function cronCourse(cron: Cron): Course {
  /** croner leaves its reference out. */
  const newest = (from: number, until: number, most: number): number[] =>
    most < 1
      ? []
      : cron
          .previousRuns(most, new Date(until + 1))
          .map((date) => date.getTime())
          .filter((at) => at >= from)
          .reverse();
  return {
    next: (after) => cron.nextRun(new Date(after))?.getTime() ?? null,
    newest,
    count: (from, until) => newest(from, until, MOST_COUNTED).length,
  };
}

function within(course: Course, { starts, ends }: Bounds): Course {
  const first = starts ?? Number.NEGATIVE_INFINITY;
  const last = ends ?? Number.POSITIVE_INFINITY;
  return {
    next: (after) => {
      const next = course.next(Math.max(after, first - 1));
      return next === null || next > last ? null : next;
    },
    newest: (from, until, most) => course.newest(Math.max(from, first), Math.min(until, last), most),
    count: (from, until) => course.count(Math.max(from, first), Math.min(until, last)),
  };
}
