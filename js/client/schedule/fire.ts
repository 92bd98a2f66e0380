/** Submits for what is due: prepared while nobody holds the lock, committed by whoever is first. */
import { dueOf } from '../../schedule/due.ts';
import { queuedOf } from '../../store/queued.ts';
import type { Fired, Firing, NewTask, ScheduleRow, WorkerRow } from '../../store/types.ts';
import { messageOf } from '../../wire/message.ts';
import type { ScheduledRequest } from '../../wire/schedule.ts';
import { hooksOf, Submits } from '../hooks.ts';
import type { VerbContext } from '../verb-context.ts';
import { prepareTask } from '../verbs/prepare.ts';
import { storedJson } from '../verbs/stored-json.ts';
import { courseFor, type Definition, definitionOf } from './definition.ts';
import { openedRequest } from './sealed.ts';
import { isStoreTrouble, noteUnopened } from './unopened.ts';

/** How to submit for one. */
interface FireOptions {
  /** Milliseconds since the epoch. */
  now: number;
  /** A worker to start where none can run it. */
  start?: WorkerRow | null;
}

/** For the moments of one that have come; undefined where another one was faster. */
export async function fireDue(context: VerbContext, row: ScheduleRow, how: FireOptions): Promise<Fired | undefined> {
  const { now } = how;
  const definition = definitionOf(row);
  const { catch_up: catchUp, jitter, limit } = definition;
  const left = limit === null ? null : Math.max(0, limit - row.fired - queuedOf(row).length);
  const stand = { id: row.id, nextAt: row.next_at, lastAt: row.last_at, catchUp, jitter, left };
  const isActive = row.state === 'active';
  const due = isActive
    ? dueOf(await courseFor(definition), stand, now)
    : { moments: [], skipped: 0, nextAt: row.next_at, dueAt: row.due_at };
  const state = isActive && due.nextAt === null ? 'ended' : row.state;
  const after = { skipped: due.skipped, next_at: due.nextAt, due_at: due.dueAt, state } as const;
  const open = () => openedRequest(context, definition).catch((error) => noteUnopened(context, row, error, now));
  return fire(context, row, definition, { ...after, moments: due.moments }, { ...how, open });
}

/** For this very moment, whatever is due, and what comes next stays. */
export function fireNow(context: VerbContext, row: ScheduleRow, how: FireOptions): Promise<Fired | undefined> {
  const { next_at, due_at, state } = row;
  const after = { skipped: 0, next_at, due_at, state, moments: [how.now] };
  const definition = definitionOf(row);
  return fire(context, row, definition, after, { ...how, open: () => openedRequest(context, definition) });
}

type Coming = Pick<Firing, 'skipped' | 'next_at' | 'due_at' | 'state' | 'moments'>;

async function fire(
  context: VerbContext,
  { id, epoch, queued }: ScheduleRow,
  definition: Definition,
  coming: Coming,
  { start = null, open }: FireOptions & { open(): Promise<ScheduledRequest | null> },
): Promise<Fired | undefined> {
  const { overlap, limit } = definition;
  const firing = { id, epoch, overlap, limit, ...coming, start };
  if (definition.request === null || (coming.moments.length === 0 && queued === null)) {
    return (await context.run('fire', { ...firing, task: null, error: null })) ?? undefined;
  }
  const request = (await open()) as ScheduledRequest; // who cannot read it leaves it to others
  const submits = new Submits(await hooksOf(context));
  try {
    const task = keyed(await prepareTask(context, submits.next(request)));
    const fired = await context.run('fire', { ...firing, task, error: null });
    submits.stored((fired?.tasks ?? []).map((one) => storedJson(one)));
    return fired ?? undefined;
  } catch (error) {
    submits.failed(error);
    if (isStoreTrouble(error)) throw error;
    return (await context.run('fire', { ...firing, task: null, error: messageOf(error) })) ?? undefined;
  }
}

/** The store puts the schedule and the moment in its place. */
const keyed = (task: NewTask): NewTask => ({ ...task, spec: { ...task.spec, idempotency_key: 'schedule' } });
