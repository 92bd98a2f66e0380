/** Several tasks at once, as they are and as they go on: each look is one look at all of them, at one moment. */
import { invalid } from '../../errors/index.ts';
import type { EventPage as StoredPage } from '../../store/types.ts';
import { eventJson } from '../../wire/convert.ts';
import type { TaskEventJson } from '../../wire/event.ts';
import type { AbortSignal } from '../../wire/globals.ts';
import { isTerminal, type TaskJson } from '../../wire/task.ts';
import { Provider } from '../staff/provider.ts';
import type { VerbContext } from '../verb-context.ts';
import { checkedAfter } from '../verbs/events.ts';
import { glanceAll, lookAll } from '../verbs/read.ts';
import type { EventsOfAll } from '../verbs.ts';
import { Bell, DECIDE_EVERY, Decisions } from './bell.ts';

/** A task, and the last of its events that is known. */
interface Followed {
  id: string;
  after: number;
}

interface Watching {
  signal?: AbortSignal;
}

export async function glances(context: VerbContext, ids: readonly string[]): Promise<TaskJson[]> {
  await context.run('due', {});
  return glanceAll(context, ids);
}

export async function eventsOfAll(
  context: VerbContext,
  ids: readonly string[],
  { after, limit = Number.POSITIVE_INFINITY }: { after?: number; limit?: number } = {},
): Promise<EventsOfAll> {
  if (limit !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(limit) && limit >= 1)) {
    throw invalid('limit', limit, 'a whole number from 1');
  }
  const from = checkedAfter(after);
  await context.run('due', {});
  const pages = await readAll(
    context,
    ids.map((id) => ({ id, after: from })),
  );
  const all = merged(pages);
  const events = all.slice(0, limit);
  const isCut = events.length < all.length;
  const tasks = pages.map(({ id, after: known, page }) => {
    const last = isCut ? events.findLast(({ task_id }) => task_id === id)?.seq : undefined;
    const next_after = isCut ? (last ?? known) : Math.max(known, page.lastSeq);
    return { task_id: id, next_after, first_seq: page.firstSeq, over: page.over && next_after >= page.lastSeq };
  });
  return { events, tasks };
}

/** Events as they happen, none twice; those of one look are in the order in which they happened. */
export async function* followAll(
  context: VerbContext,
  tasks: readonly Followed[],
  { signal }: Watching = {},
): AsyncGenerator<TaskEventJson, void, undefined> {
  const after = new Map(tasks.map((task) => [task.id, checkedAfter(task.after)]));
  for await (const _ of tasksAsTheyGo(context, [...after.keys()], signal)) {
    const pages = await readAll(
      context,
      Array.from(after, ([id, known]) => ({ id, after: known })),
    );
    for (const event of merged(pages)) {
      after.set(event.task_id, event.seq);
      yield event;
      if (signal?.aborted) return;
    }
    for (const { id, page } of pages) if (page.over) after.delete(id);
    if (after.size === 0) return;
  }
}

/** What time alone changes (duration, lease) is no change, unless `ticks` are wanted. */
export async function* watchAll(
  context: VerbContext,
  ids: readonly string[],
  { signal, ticks = false }: Watching & { ticks?: boolean } = {},
): AsyncGenerator<TaskJson[], void, undefined> {
  let shown: string | undefined;
  for await (const tasks of tasksAsTheyGo(context, ids, signal)) {
    const facts = JSON.stringify(tasks.map((task) => ({ ...task, duration: null, worker: task.worker?.id })));
    if (facts === shown && !ticks) continue;
    shown = facts;
    yield await lookAll(context, ids);
    if (tasks.every(hasStopped)) return;
  }
}

const hasStopped = ({ status, task_status }: TaskJson): boolean =>
  isTerminal(status) && !task_status.signals.includes('stopping');

/** Something may have happened: at once, after every commit of any process, and once a second; ends with the signal. */
export async function* storeChanges(
  context: VerbContext,
  { signal }: Watching = {},
): AsyncGenerator<void, void, undefined> {
  while (!context.exists && !signal?.aborted) {
    yield;
    await rung(new Bell(NO_STORE, { signal }));
  }
  if (signal?.aborted) return;
  const bell = new Bell(await context.store(), { signal });
  try {
    for (const decisions = new Decisions(); ; ) {
      yield;
      if (signal?.aborted) return;
      await bell.rings(DECIDE_EVERY);
      if (decisions.isTime()) await context.run('due', {});
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    bell.close();
  }
}

/** Watching makes none: it is looked for once a second. */
const NO_STORE = { watch: () => () => {} };

/** A second is over, or the signal is aborted. */
async function rung(bell: Bell): Promise<void> {
  await bell.rings(DECIDE_EVERY).catch(() => {});
  bell.close();
}

/** Their small facts whenever something may have happened; whoever waits for a worker is seen to. */
export async function* tasksAsTheyGo(
  context: VerbContext,
  ids: readonly string[],
  signal: AbortSignal | undefined,
): AsyncGenerator<TaskJson[], void, undefined> {
  if (signal?.aborted) return;
  await glances(context, ids); // before the store is opened: one that does not exist is not made
  const provider = new Provider(context);
  for await (const _ of storeChanges(context, signal === undefined ? {} : { signal })) {
    const tasks = await glanceAll(context, ids);
    yield tasks;
    if (!signal?.aborted) await provider.provide(tasks);
  }
}

interface Page extends Followed {
  page: StoredPage;
}

async function readAll(context: VerbContext, of: readonly Followed[]): Promise<Page[]> {
  const pages = await context.run('eventsOfAll', { of });
  return of.map((one, index) => {
    const page = pages[index];
    if (page == null) throw context.notFound(one.id);
    return { ...one, page };
  });
}

/** By the time of each; events of one task never change places, and those of one moment are in the order of the tasks. */
function merged(pages: readonly Page[]): TaskEventJson[] {
  const all = pages.flatMap(({ id, page }) => {
    let time = Number.NEGATIVE_INFINITY; // a clock that was set back
    return page.events.map((event) => {
      time = Math.max(time, event.at);
      return { id, event, time };
    });
  });
  return all.sort((a, b) => a.time - b.time).map(({ id, event }) => eventJson(id, event));
}
