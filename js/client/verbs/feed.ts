import { StoreError } from '../../errors/refusal.ts';
import type { FeedAnswer, FeedPlace } from '../../store/types.ts';
import { checkNumber, checkObject, checkWhole } from '../../wire/check.ts';
import {
  checkKinds,
  cursorOf,
  type FeedFilter,
  type FeedPage,
  type FeedQuery,
  feedEventJson,
  NO_STORE,
  placeOf,
} from '../../wire/feed.ts';
import type { VerbContext } from '../verb-context.ts';

/** The most events of a page. */
const MOST = 1000;

const FILTER_KEYS: Record<keyof FeedFilter, true> = { kinds: true, task: true, recipe: true, session: true };
const KEYS: Record<keyof FeedQuery, true> = { ...FILTER_KEYS, after: true, limit: true };

/** One page of the feed. It is only looked at: nothing counts as seen, and no record goes for it. */
export async function feed(context: VerbContext, query: FeedQuery = {}): Promise<FeedPage> {
  checkObject('query', query, KEYS);
  checkFilter(query);
  const after = checkedAfter(query.after);
  const limit = checkNumber('limit', query.limit ?? 200, 1, MOST);
  if (!context.exists) return withoutStore(after);
  await context.due({ dropNothing: true });
  const { kinds = null, task = null, recipe = null, session = null } = query;
  const answer = await context.run('feed', { after, limit, kinds, task, recipe, session });
  if (answer === null) throw olderStore(context.path);
  return pageJson(answer);
}

export function checkFilter({ kinds, task, recipe, session }: FeedFilter): void {
  if (kinds !== undefined) checkKinds(kinds);
  for (const [option, text] of Object.entries({ task, recipe, session })) checkWhole(option, text);
}

export function pageJson({ store, events, next, more, reset }: FeedAnswer): FeedPage {
  return {
    events: events.map((event) => feedEventJson(store, event)),
    next: cursorOf({ store, n: next }),
    more,
    ...(reset === null ? {} : { reset }),
  };
}

function checkedAfter(after: FeedQuery['after'] = 'start'): FeedPlace {
  if (after === 'start' || after === 'now') return after;
  const { store, n } = placeOf(after);
  return { store: store === NO_STORE ? null : store, n };
}

/** Whatever comes is new; who knows a store that was here is told that it is gone. */
function withoutStore(after: FeedPlace): FeedPage {
  const isKnown = typeof after === 'object' && after.store !== null;
  const next = cursorOf({ store: NO_STORE, n: 0 });
  return { events: [], next, more: false, ...(isKnown ? { reset: 'store_replaced' as const } : {}) };
}

/** What reads a store never changes its schema. */
export const olderStore = (path: string): StoreError =>
  new StoreError(
    `${path} is of an older version, whose events have no lasting order; it has one after the next write, or: offstage store migrate`,
    { details: { reason: 'older_schema' } },
  );
