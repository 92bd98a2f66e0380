import type { EventPage as StoredPage } from '../../store/types.ts';
import type { EventsOfAll } from '../../wire/answers.ts';
import { checkNumber } from '../../wire/check.ts';
import { eventJson } from '../../wire/convert.ts';
import type { TaskEventJson } from '../../wire/event.ts';
import type { AbortSignal } from '../../wire/globals.ts';
import type { EventsQuery } from '../../wire/requests.ts';
import type { VerbContext } from '../verb-context.ts';
import { Bell, bellOf } from '../watch/bell.ts';
import { hubOf } from '../watch/hub.ts';
import { merged, readAll } from './several-events.ts';

/** So many are read at once. */
const BATCH = 200;

/** What happened to tasks, as far as it is kept. Of one it is read batch by batch, of several all at one moment. */
export async function events(
  context: VerbContext,
  ids: readonly string[],
  query: EventsQuery = {},
): Promise<EventsOfAll> {
  const after = checkedAfter(query.after);
  const limit = checkedLimit(query.limit);
  query.signal?.throwIfAborted();
  const [id] = ids;
  const read =
    id !== undefined && ids.length === 1
      ? () => eventsOfOne(context, id, after, limit)
      : () => eventsOfSeveral(context, ids, after, limit);
  await context.due();
  const found = await read();
  return query.wait && isEmpty(found) ? nextEvents(context, ids, read, query.signal) : found;
}

/** Some may follow, and none is there. */
const isEmpty = ({ events: found, tasks }: EventsOfAll): boolean =>
  found.length === 0 && tasks.some(({ over }) => !over);

/** Waits for the first event. */
async function nextEvents(
  context: VerbContext,
  ids: readonly string[],
  read: () => Promise<EventsOfAll>,
  signal: AbortSignal | undefined,
): Promise<EventsOfAll> {
  const [store, hub] = [await context.store(), hubOf(context)];
  const bell = new Bell(
    bellOf(ids, (id, ring) => hub.told(store, id, ring)),
    { signal },
  );
  try {
    for (;;) {
      const found = await read();
      if (!isEmpty(found)) return found;
      await bell.rings();
    }
  } finally {
    bell.close();
  }
}

async function eventsOfOne(context: VerbContext, id: string, after: number, limit: number): Promise<EventsOfAll> {
  const found: TaskEventJson[] = [];
  for (let cursor = after; ; ) {
    const count = Math.min(BATCH, limit - found.length);
    const page = await readEvents(context, id, cursor, count);
    for (const event of page.events) found.push(eventJson(id, event));
    const last = page.events.at(-1)?.seq;
    if (last !== undefined) cursor = last;
    // what was dropped at the end of what was asked for does not come any more
    else cursor = Math.max(cursor, page.lastSeq);
    if (page.events.length === 0 || cursor >= page.lastSeq || found.length >= limit) {
      const over = page.over && cursor >= page.lastSeq;
      return { events: found, tasks: [{ task_id: id, next_after: cursor, first_seq: page.firstSeq, over }] };
    }
  }
}

async function eventsOfSeveral(
  context: VerbContext,
  ids: readonly string[],
  after: number,
  limit: number,
): Promise<EventsOfAll> {
  const pages = await readAll(
    context,
    ids.map((id) => ({ id, after })),
  );
  const all = merged(pages);
  const found = all.slice(0, limit);
  const isCut = found.length < all.length;
  const tasks = pages.map(({ id, after: known, page }) => {
    const last = isCut ? found.findLast(({ task_id }) => task_id === id)?.seq : undefined;
    const next_after = isCut ? (last ?? known) : Math.max(known, page.lastSeq);
    return { task_id: id, next_after, first_seq: page.firstSeq, over: page.over && next_after >= page.lastSeq };
  });
  return { events: found, tasks };
}

/** Some stored events; `TaskNotFoundError` for a task that is not there, or no more. */
export async function readEvents(context: VerbContext, id: string, after: number, limit = BATCH): Promise<StoredPage> {
  const page = await context.run('events', { id, after, limit });
  if (page === null) throw context.notFound(id);
  return page;
}

export const checkedAfter = (after = 0): number => checkNumber('after', after, 0);

const checkedLimit = (limit: number | undefined): number =>
  limit === undefined ? Number.POSITIVE_INFINITY : checkNumber('limit', limit, 1);
