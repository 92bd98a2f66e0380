/** The events of all tasks in the order of their commits. */
import type { Program } from '../../ports/backend.ts';
import {
  changedAfter,
  clearedTask,
  endsAfter,
  type FeedState,
  feedOfTask,
  feedPage,
  feedState,
  windowEnd,
} from '../sql/feed.ts';
import type { ChangedTask, FeedAnswer, FeedPlace, FeedRequest, StoredFeedEvent } from '../types.ts';
import type { Operation } from './operation.ts';

export const feed: Operation<'feed'> = {
  kind: 'read',
  *run(_, query) {
    const state = (yield* feedState()) as FeedState; // the statement always has a row
    const { store, forgotten, last } = state;
    if (store === null) return null;
    const reset = resetOf(query.after, state);
    if (reset !== null || query.after === 'now')
      return { store, forgotten, events: [], next: last, more: false, reset };
    const after = query.after === 'start' ? 0 : query.after.n;
    const page =
      query.task === null ? yield* pageOf(after, last, query) : yield* ofTask(query.task, after, last, query);
    return { store, forgotten, ...page, reset };
  },
};

/** A number beyond the last one is of a file in whose place an earlier copy was put. */
function resetOf(after: FeedPlace, { store, forgotten, last }: FeedState): FeedAnswer['reset'] {
  if (typeof after === 'string' || after.store === null) return null;
  if (after.store !== store || after.n > last) return 'store_replaced';
  return after.n < forgotten ? 'too_old' : null;
}

type Page = Pick<FeedAnswer, 'events' | 'next' | 'more'>;

/** Where a filter may hide much, so much as one look is to cost at most. */
function* pageOf(after: number, last: number, { kinds, recipe, session, limit }: FeedRequest): Program<Page> {
  const isFiltered = kinds !== null || recipe !== null || session !== null;
  const end = isFiltered ? ((yield* windowEnd(after))?.n ?? last) : last;
  const found = yield* feedPage(after, end, textOf(kinds), recipe, session, limit + 1);
  return cut(found, limit, { end, last });
}

function* ofTask(task: string, after: number, last: number, query: FeedRequest): Program<Page> {
  const { kinds, recipe, session, limit } = query;
  const found = yield* feedOfTask(task, after, textOf(kinds), recipe, session, limit + 1);
  if (found.length > 0) return cut(found, limit, { end: last, last });
  const cleared = kinds === null || kinds.includes('cleared') ? yield* clearedTask(task, after) : undefined;
  return cut(cleared === undefined ? [] : [cleared], limit, { end: last, last });
}

function cut(found: StoredFeedEvent[], limit: number, { end, last }: { end: number; last: number }): Page {
  const events = found.slice(0, limit);
  const next = found.length > limit ? (events.at(-1)?.n ?? end) : end;
  return { events, next, more: next < last };
}

const textOf = (kinds: readonly string[] | null): string | null => (kinds === null ? null : JSON.stringify(kinds));

/** So many ends are told of at once, and so many events are looked through; who has missed more looks at what he waits for. */
const MOST_ENDS = 5_000;
const MOST_EVENTS = 20_000;

export const changedSince: Operation<'changedSince'> = {
  kind: 'read',
  *run(_, { after, endsOnly }) {
    const { store, last } = (yield* feedState()) as FeedState; // the statement always has a row
    const isKnown = after !== null && after.store === store && after.n <= last;
    if (store === null || !isKnown) return { at: store === null ? null : { store, n: last }, changed: null };
    const changed = after.n === last ? [] : yield* endsOnly ? endsSince(after.n) : changesSince(after.n, last);
    return { at: { store, n: last }, changed };
  },
};

function* endsSince(n: number): Program<ChangedTask[] | null> {
  const rows = yield* endsAfter(n, MOST_ENDS + 1);
  return rows.length > MOST_ENDS ? null : rows.map(({ id }) => ({ id, ended: true }));
}

function* changesSince(n: number, last: number): Program<ChangedTask[] | null> {
  if (last - n > MOST_EVENTS) return null;
  return (yield* changedAfter(n)).map(({ id, ended }) => ({ id, ended: ended === 1 }));
}
