/** What is measured of a store as a whole, at one moment. */
import { facts } from '../facts.ts';
import { countsByStatus } from '../sql/counts.ts';
import { type FeedState, feedState } from '../sql/feed.ts';
import {
  allTotals,
  consumerLags,
  deliveriesByState,
  durationsBetween,
  oldestPending,
  queuesBetween,
  schedulesByState,
} from '../sql/totals.ts';
import type { Counts } from '../types.ts';
import type { Operation } from './operation.ts';

/** So many events are looked at in one go. */
const WINDOW = 10_000;

export const measure: Operation<'measure'> = {
  kind: 'read',
  *run(context) {
    const { workers } = yield* facts(context);
    return {
      tasks: Object.fromEntries((yield* countsByStatus()).map(({ status, n }) => [status, n])) as Counts,
      workers: workers.filter(({ alive }) => alive).length,
      oldestPendingAt: (yield* oldestPending())?.at ?? null,
      totals: yield* allTotals(),
      lags: yield* consumerLags(),
      deliveries: yield* deliveriesByState(),
      schedules: yield* schedulesByState(),
      now: context.now,
    };
  },
};

export const measureTimes: Operation<'measureTimes'> = {
  kind: 'read',
  *run(_, { after }) {
    const { last } = (yield* feedState()) as FeedState; // the statement always has a row
    if (after === null || after > last) return { next: last, more: false, durations: [], queues: [] };
    const next = Math.min(last, after + WINDOW);
    return {
      next,
      more: next < last,
      durations: yield* durationsBetween(after, next),
      queues: yield* queuesBetween(after, next),
    };
  },
};
