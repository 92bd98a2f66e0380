import { invalid } from '../../errors/index.ts';
import type { EventPage as StoredPage } from '../../store/types.ts';
import { eventJson } from '../../wire/convert.ts';
import type { TaskEventJson } from '../../wire/event.ts';
import type { VerbContext } from '../verb-context.ts';
import type { EventPage, EventQuery } from '../verbs.ts';
import { Bell, DECIDE_EVERY, Decisions } from '../watch/bell.ts';

/** So many are read at once. */
const BATCH = 200;

/** What happened to a task, as far as it is kept. */
export async function events(context: VerbContext, id: string, query: EventQuery = {}): Promise<EventPage> {
  const after = checkedAfter(query.after);
  const limit = query.limit ?? Number.POSITIVE_INFINITY;
  if (query.limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 1)) {
    throw invalid('limit', query.limit, 'a whole number from 1');
  }
  query.signal?.throwIfAborted();
  await context.run('due', {});
  const page = await readPage(context, id, after, limit);
  if (!query.wait || page.events.length > 0 || page.over) return page;
  return nextPage(context, id, after, limit, query.signal);
}

/** Waits for the first event after `after`. */
async function nextPage(context: VerbContext, id: string, after: number, limit: number, signal?: AbortSignal) {
  const bell = new Bell(await context.store(), { signal });
  try {
    for (const decisions = new Decisions(); ; ) {
      const page = await readPage(context, id, after, limit);
      if (page.events.length > 0 || page.over) return page;
      await bell.rings(DECIDE_EVERY);
      if (decisions.isTime()) await context.run('due', {});
    }
  } finally {
    bell.close();
  }
}

async function readPage(context: VerbContext, id: string, after: number, limit: number): Promise<EventPage> {
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
      return { task_id: id, events: found, next_after: cursor, first_seq: page.firstSeq, over };
    }
  }
}

/** Some stored events; `TaskNotFoundError` for a task that is not there, or no more. */
export async function readEvents(context: VerbContext, id: string, after: number, limit = BATCH): Promise<StoredPage> {
  const page = await context.run('events', { id, after, limit });
  if (page === null) throw context.notFound(id);
  return page;
}

export function checkedAfter(after = 0): number {
  if (Number.isSafeInteger(after) && after >= 0) return after;
  throw invalid('after', after, 'a whole number from 0');
}
