/** The feed: the events of all tasks of a store, in the order of their commits. */
import { InvalidArgumentError, invalid } from '../errors/argument.ts';
import { eventFromJson, eventJson, type StoredEvent } from './convert.ts';
import { EVENT_KINDS, type EventKind, type TaskEvent, type TaskEventJson } from './event.ts';
import type { AbortSignal } from './globals.ts';

/** A place in the feed of one store. Keep it as it is: what it consists of may change. It holds back no clean-up. */
export type Cursor = string;

/** What happens to tasks, and that one has gone: `cleared`. */
export const FEED_KINDS = [...EVENT_KINDS, 'cleared'] as const;
export type FeedKind = EventKind | 'cleared';

/** Where in the feed an event stands, and what its task is called. */
interface InFeed {
  /** Give it as `after` to get what follows. */
  cursor: Cursor;
  /** Empty for plain functions, for commands, and of a task that has gone. */
  recipe: string;
  /** What people call the task; empty of one that has gone. */
  name: string;
}

/** A task has gone, with all of its events. It is of no recipe and no session any more: such a filter lets it pass. */
export interface ClearedEvent {
  /** The one that has gone. */
  taskId: string;
  /** None of the events of a task. */
  seq: 0;
  at: Date;
  kind: 'cleared';
  data: { taskId: string };
}

/** `ClearedEvent` on the wire. */
export interface ClearedEventJson {
  /** The one that has gone. */
  task_id: string;
  /** None of the events of a task. */
  seq: 0;
  at: string;
  kind: 'cleared';
  data: { task_id: string };
}

/** An event of any task, where it stands in the feed. */
export type FeedEvent = (TaskEvent | ClearedEvent) & InFeed;
/** The same on the wire. */
export type FeedEventJson = (TaskEventJson | ClearedEventJson) & InFeed;

/** Which events of the feed. */
export interface FeedFilter {
  /** Only these kinds. Default: all. */
  kinds?: readonly FeedKind[] | undefined;
  /** Only events of the task of this id. */
  task?: string | undefined;
  /** Only events of tasks of the recipe of this name. */
  recipe?: string | undefined;
  /** Only events of tasks of this session. */
  session?: string | undefined;
}

/** One page of the feed. */
export interface FeedQuery extends FeedFilter {
  /** What follows this place; `start`: all that is kept; `now`: nothing but what comes. Default `start`. */
  after?: Cursor | 'start' | 'now' | undefined;
  /** So many events at most, 1 to 1,000. Default 200. */
  limit?: number | undefined;
}

/** How to read the feed. */
export interface FeedOptions extends FeedQuery {
  /** Go on with what comes, until the signal is aborted. Default: end with what there is. */
  follow?: boolean | undefined;
  /** Aborting it ends the iteration, without an error. */
  signal?: AbortSignal | undefined;
}

/**
 * Why a cursor is of no use any more: its store was deleted, restored or put in the place of another, or more tasks have gone
 * since than are told of.
 */
export type FeedReset = 'store_replaced' | 'too_old';

/** What one look at the feed gives. */
export interface FeedPage {
  /** In the order of their commits, those of a task in that of their `seq`. */
  events: FeedEventJson[];
  /** Give it as `after` to go on; it passes what the filter hid. */
  next: Cursor;
  /** There is more to look at, whether or not the filter lets some of it pass. */
  more: boolean;
  /** `after` is of no use: list the tasks again, then go on from `next`. There are no events then. */
  reset?: FeedReset;
}

/** Where a consumer begins, and what it is given. */
export interface ConsumeOptions {
  /** Where its cursor is when it is first made: before all that is kept, or behind it. Default `now`. */
  from?: 'now' | 'start' | undefined;
  /** Only these kinds. Default: all. */
  kinds?: readonly FeedKind[] | undefined;
  /** So many events at most at a time, 1 to 1,000. Default 100. */
  batch?: number | undefined;
  /** Seconds, 1 to 3,600, after which another process goes on where this one has died. Default 30. */
  lease?: number | undefined;
}

/** What a consumer's handler is given beside events. */
export interface ConsumeContext {
  /** Aborted when the consumer is stopped, and when another process has gone on in its place. */
  readonly signal: AbortSignal;
  /** More tasks have gone since the batch before than are told of: some events are missing. */
  readonly reset?: 'too_old';
}

/** Takes what happened. While it throws it is given the same events again. */
export type FeedHandler<Event = FeedEvent> = (
  events: readonly Event[],
  context: ConsumeContext,
) => Promise<unknown> | unknown;

/** A consumer that runs. */
export interface Consuming {
  /** Ends it: aborts the handler's signal, and resolves when the handler has ended. */
  stop(): Promise<void>;
  /** Resolves when it has ended. */
  readonly done: Promise<void>;
}

/** A place in the feed, taken apart. */
export interface Place {
  /** Which store: 16 hex digits. */
  store: string;
  /** The number of the last event that is known. */
  n: number;
}

/** Of a store that is not there yet: whatever comes follows. */
export const NO_STORE = '0'.repeat(16);

export const cursorOf = ({ store, n }: Place): Cursor => `${store}.${n}`;

/** Reads a cursor. `InvalidArgumentError` for what is none. */
export function placeOf(cursor: unknown): Place {
  const [, store, n] = /^([0-9a-f]{16})\.(\d{1,15})$/.exec(String(cursor)) ?? [];
  if (typeof cursor !== 'string' || store === undefined) {
    throw invalid('after', cursor, "'start', 'now', or a cursor: the 'next' of a page, or that of an event");
  }
  return { store, n: Number(n) };
}

/** Refuses what is no kind of event. */
export function checkKinds(kinds: unknown): void {
  const expected = `an array of ${FEED_KINDS.join(', ')}`;
  if (!Array.isArray(kinds) || kinds.length === 0) throw invalid('kinds', kinds, expected);
  for (const kind of kinds) {
    if (!FEED_KINDS.includes(kind))
      throw new InvalidArgumentError(`kinds: got ${JSON.stringify(kind)}, expected ${expected}`);
  }
}

/** An event as a store gives it: of a task that has gone, what was told of it. */
export interface StoredFeedEvent extends Omit<StoredEvent, 'kind'>, Pick<InFeed, 'recipe' | 'name'> {
  n: number;
  kind: FeedKind;
  /** Null of what tells of one that has gone. */
  task: string | null;
}

/** Turns a stored event into the wire's. */
export function feedEventJson(store: string, { n, task, recipe, name, ...event }: StoredFeedEvent): FeedEventJson {
  const place = { cursor: cursorOf({ store, n }), recipe, name };
  if (task !== null) return { ...eventJson(task, event as StoredEvent), ...place };
  const data = JSON.parse(event.data) as ClearedEventJson['data'];
  return { task_id: data.task_id, seq: 0, at: new Date(event.at).toISOString(), kind: 'cleared', data, ...place };
}

/** Turns the wire's event into the one of the TypeScript API. */
export function feedEventFromJson({ cursor, recipe, name, ...event }: FeedEventJson): FeedEvent {
  return { ...eventFromJson(event as TaskEventJson), cursor, recipe, name } as FeedEvent;
}
