/** What is asked for at once of many tasks, and what is told of one. */
import type { EventKind } from '../../core/index.ts';
import type { FeedKind, FeedReset, StoredFeedEvent } from '../../wire/feed.ts';
import type { TaskStatus } from '../../wire/task.ts';
import type { StoredTask } from './task.ts';

export type { StoredFeedEvent };

export interface ListQuery {
  status: readonly TaskStatus[];
  sessionId: string | null;
  /** Only children of this task. */
  parentId?: string | null;
  recipe: string | null;
  /** Only tasks that have all of these. */
  tags?: readonly string[];
  name?: string | null;
  /** Only those that were submitted at this moment or later, ms since the epoch. */
  since?: number | null;
  attention: boolean;
  /** With the ancestors and descendants of those on the page, whatever else is asked. */
  relatives?: boolean;
  /** Without input, result and what else lies beside the record. */
  small?: boolean;
  limit: number;
  /** Rows to pass over; 0 with a cursor. */
  offset: number;
  /** Only tasks created before this one (`seq`). */
  before: number | null;
}

/** Tasks by their status, and how many executions were ever given up. */
export type Counts = Record<TaskStatus | 'abandoned', number>;

export interface ListAnswer {
  tasks: StoredTask[];
  total: number;
  totalExact: boolean;
  counts: Record<TaskStatus, number>;
  /** The `before` of the next page. */
  next: number | null;
  /** There are more relatives than these. */
  isCut: boolean;
}

/** One fact about a task as it is stored; `data` is JSON text. */
export interface StoredEvent {
  seq: number;
  at: number;
  kind: EventKind;
  data: string;
}

/** A page of a task's events. */
export interface EventPage {
  events: StoredEvent[];
  /** From this `seq` on nothing is missing; older progress, log and output may have been dropped. */
  firstSeq: number;
  /** The last event of the task, in this page or not. */
  lastSeq: number;
  /** The task is terminal and its work has stopped or was given up: there will be no more than these. */
  over: boolean;
}

/** Where in the feed to go on; `store` null: of this one, whatever has become of it since. */
export type FeedPlace = 'start' | 'now' | { store: string | null; n: number };

/** An event of the feed, by the store and its number. */
export interface EventPlace {
  store: string;
  n: number;
}

/** A task to which something has happened. */
export interface ChangedTask {
  id: string;
  /** It has ended or gone. */
  ended: boolean;
}

/** Which events of the feed. */
export interface FeedRequest {
  after: FeedPlace;
  /** 1 or more. */
  limit: number;
  kinds: readonly FeedKind[] | null;
  task: string | null;
  recipe: string | null;
  session: string | null;
}

/** A page of the feed, read at one moment. */
export interface FeedAnswer {
  store: string;
  /** Up to this number some tasks have gone that nobody is told of any more. */
  forgotten: number;
  events: StoredFeedEvent[];
  next: number;
  more: boolean;
  /** Why `after` is of no use; there are no events then. */
  reset: FeedReset | null;
}

/** A request that may come again, and what it is by its digest. */
export interface RequestKey {
  key: string;
  digest: string;
}

export interface ClearQuery {
  /** Only these; null: all that fit. */
  ids: readonly string[] | null;
  status: readonly TaskStatus[];
  /** Only tasks that ended at least so many milliseconds ago. */
  olderThan: number | null;
  /** Only those of this session, and what was said in it. */
  session?: string | undefined;
  dryRun: boolean;
}

/** What is measured of a store as a whole. Times are in milliseconds since the epoch. */
export interface Measured {
  tasks: Counts;
  /** Living ones. */
  workers: number;
  /** When the task that has waited longest could have started; null: none waits. */
  oldestPendingAt: number | null;
  /** Ends since the store is there, by what they were, in the order in which each came first. `code` is empty but for failures. */
  totals: { recipe: string; outcome: string; code: string; n: number }[];
  /** How many events each consumer has not taken yet. */
  lags: { name: string; lag: number }[];
  deliveries: { state: string; n: number }[];
  schedules: { state: string; n: number }[];
  now: number;
}

/** Milliseconds of attempts, by recipe. */
export interface MeasuredTimes {
  /** The place to go on from. */
  next: number;
  more: boolean;
  durations: { recipe: string; ms: number }[];
  queues: { recipe: string; ms: number }[];
}
