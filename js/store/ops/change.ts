import { type Decided, decide, dropAt } from '../../core/index.ts';
import { type StoreError, storeReason } from '../../errors/refusal.ts';
import type { Program } from '../../ports/backend.ts';
import { isSaid } from '../../wire/event.ts';
import { agreedNow } from '../clock.ts';
import { rebind } from '../environment.ts';
import { decideHere, writeDecided } from '../rows/decided.ts';
import type { Known } from '../rows/known.ts';
import { writePayloads } from '../rows/payloads.ts';
import { dropOf, isReadable } from '../rows/task.ts';
import { taskById, unseenOf } from '../sql/tasks.ts';
import { addStep, markAllSeen, markSeen } from '../sql/writes.ts';
import type { Change, Changed, Payloads } from '../types.ts';
import { settle } from './family.ts';
import type { Context, Operation } from './operation.ts';

/** Puts commands to `decide` and writes what it says. A refused command throws, and the whole operation is undone. */
export const change: Operation<'change'> = {
  kind: 'write',
  run: (context, { changes }) => changeAll(context, changes),
};

export function* changeAll(context: Context, changes: readonly Change[]): Program<(Changed | null)[]> {
  const done: (Changed | null)[] = [];
  for (const run of runsOf(changes)) {
    if (run.length > 1) done.push(...(yield* noteAll(context, run)));
    else done.push(yield* changeOne(context, run[0] as Change));
  }
  return done;
}

/** Facts of one task that follow each other are one run; of them there may be thousands. */
export function runsOf(changes: readonly Change[]): Change[][] {
  const runs: Change[][] = [];
  for (const one of changes) {
    const last = runs.at(-1);
    if (last?.[0]?.id === one.id && isFact(one) && isFact(last[0])) last.push(one);
    else runs.push([one]);
  }
  return runs;
}

const isFact = ({ command, payloads, step }: Change): boolean =>
  isSaid(command.command) && payloads === undefined && step === undefined;

/** Each is decided by itself; the row is read, where it is not known, and written once. */
function* noteAll(context: Context, facts: readonly Change[]): Program<(Changed | null)[]> {
  const { id } = facts[0] as Change;
  const ahead = context.live?.takeAll(facts);
  const noted = ahead && (yield* unlessOutdated(id, note(context, id, ahead.row, ahead.all)));
  if (noted !== undefined) return noted;
  const row = yield* taskById(id);
  if (row === undefined) return facts.map(() => null);
  const all: Decided[] = [];
  for (const { command } of facts) all.push(decide(all.at(-1)?.record ?? row.record, command, context.now));
  return yield* note(context, id, row, all);
}

function* note(context: Context, id: string, row: Known, all: readonly Decided[]): Program<Changed[]> {
  const last = all.at(-1) as Decided; // only with this one what was decided ahead gives the record
  const events = all.flatMap((decided) => decided.events);
  if (events.length > 0) yield* writeDecided(context, row, { ...last, changed: true, events });
  return all.map((decided) => answerOf(id, decided));
}

export function* changeOne(context: Context, change: Change): Program<Changed | null> {
  const { id, by } = change;
  const ahead = context.live?.takeAll([change]);
  const put = ahead && (yield* unlessOutdated(id, write(context, change, ahead.row, ahead.all[0] as Decided)));
  if (put !== undefined) return put;
  const row = yield* taskById(id);
  if (row === undefined) return null;
  const isOfRun = 'epoch' in change.command;
  const decided = isOfRun ? decideHere(context, row, change.command) : decide(row.record, change.command, context.now);
  const changed = yield* write(context, change, row, decided);
  if (by && decided.changed) yield* rebind(context, row, by);
  return changed;
}

/** Undefined of a row that is not as it was held to be: it is to be read. Another one that is not belongs to what follows from it. */
function* unlessOutdated<T>(id: string, writing: Program<T>): Program<T | undefined> {
  try {
    return yield* writing;
  } catch (error) {
    if (storeReason(error) === 'outdated' && (error as StoreError).taskId === id) return undefined;
    throw error;
  }
}

function* write(
  context: Context,
  { id, payloads = {}, refs = {}, step }: Change,
  row: Known,
  decided: Decided,
): Program<Changed> {
  if (decided.changed) {
    yield* settle(context, row, decided);
    yield* writePayloads(context, row.seq, accepted(decided.events, payloads), accepted(decided.events, refs));
    if (step) yield* addStep(row.seq, step.key, step.data, step.refs ?? null);
  }
  return answerOf(id, decided);
}

export function answerOf(id: string, { changed, columns, record, events }: Decided): Changed {
  return { id, changed, status: columns.status, record, events };
}

/** A result that came too late is kept beside the task's own, never in its place. */
function accepted(events: Changed['events'], payloads: Payloads): Payloads {
  if (!events.some(({ kind }) => kind === 'late_result')) return payloads;
  return payloads.result === undefined ? {} : { late_result: payloads.result };
}

/** Remembers when an outcome was first shown: never before it was there, and by the clock that the workers keep. */
export const see: Operation<'see'> = {
  kind: 'write',
  silent: true,
  bestEffort: 'current',
  *run(context, { id }) {
    const row = yield* taskById(id);
    if (row === undefined || row.seen_at !== null || !isReadable(row)) return row?.drop_at ?? null;
    const seen = yield* agreedNow(context);
    const drop = dropAt(row.record, seen);
    yield* markSeen(seen, drop, row.seq);
    return drop;
  },
};

/** The same of many that nobody waits for: it goes along with the next commit, if one comes soon. */
export const seeAll: Operation<'seeAll'> = {
  kind: 'write',
  silent: true,
  bestEffort: 'current',
  isLate: () => true,
  *run(context, { ids }) {
    const unseen = yield* unseenOf(JSON.stringify(ids));
    if (unseen.length === 0) return;
    const seen = yield* agreedNow(context);
    const drops = unseen.map(({ seq, record }) => [seq, dropOf(record, seen)]).filter(([, drop]) => drop !== undefined);
    yield* markAllSeen(seen, JSON.stringify(drops));
  },
};
