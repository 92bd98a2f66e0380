import { type Decided, decide, dropAt } from '../../core/index.ts';
import { agreedNow } from '../clock.ts';
import type { Database } from '../database.ts';
import { rebind } from '../environment.ts';
import { findRow, isReadable, writeDecided, writePayloads } from '../rows.ts';
import type { Change, Changed, Payloads } from '../types.ts';
import { settle } from './family.ts';
import type { Context, Operation } from './operation.ts';

/** Puts commands to `decide` and writes what it says. A refused command throws, and the whole operation is undone. */
export const change: Operation<'change'> = {
  kind: 'write',
  run: (context, { changes }) =>
    runsOf(changes).flatMap((run) =>
      run.length > 1 ? noteAll(context, run) : run.map((one) => changeOne(context, one)),
    ),
};

/** Facts of one task that follow each other are one run; of them there may be thousands. */
function runsOf(changes: readonly Change[]): Change[][] {
  const runs: Change[][] = [];
  for (const one of changes) {
    const last = runs.at(-1);
    if (last?.[0]?.id === one.id && isFact(one) && isFact(last[0])) last.push(one);
    else runs.push([one]);
  }
  return runs;
}

const isFact = ({ command, payloads, step }: Change): boolean =>
  FACTS.includes(command.command) && payloads === undefined && step === undefined;

const FACTS: readonly string[] = ['log', 'output', 'progress'];

/** Each is decided by itself; the row is read and written once. */
function noteAll({ db, now }: Context, facts: readonly Change[]): (Changed | null)[] {
  const { id } = facts[0] as Change;
  const row = findRow(db, id);
  if (row === undefined) return facts.map(() => null);
  const all: Decided[] = [];
  for (const { command } of facts) all.push(decide(all.at(-1)?.record ?? row.record, command, now));
  const told = all.filter(({ changed }) => changed);
  const last = told.at(-1);
  if (last) writeDecided(db, row.seq, { ...last, events: told.flatMap(({ events }) => events) }, row.seen_at);
  return all.map((decided) => answerOf(id, decided));
}

export function changeOne(
  context: Context,
  { id, command, payloads = {}, refs = {}, step, by }: Change,
): Changed | null {
  const { db, now } = context;
  const row = findRow(db, id);
  if (row === undefined) return null;
  const decided = decide(row.record, command, now);
  if (decided.changed) {
    settle(context, row, decided);
    if (by) rebind(db, row, by);
    writePayloads(db, row.seq, accepted(decided.events, payloads), accepted(decided.events, refs));
    if (step) writeStep(db, row.seq, step);
  }
  return answerOf(id, decided);
}

function answerOf(id: string, { changed, columns, record, events }: Decided): Changed {
  return { id, changed, status: columns.status, record, events };
}

/** The first result of a step is the one that later attempts are given. */
function writeStep(db: Database, seq: number, { key, data, refs }: NonNullable<Change['step']>): void {
  const sql = 'INSERT OR IGNORE INTO steps (task, key, data, refs) VALUES (?, ?, ?, ?)';
  db.run(sql, seq, key, data, refs ?? null);
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
  isLate: ({ late }) => late === true,
  run: (context, { id }) => {
    const { db } = context;
    const row = findRow(db, id);
    if (row === undefined || row.seen_at !== null || !isReadable(row)) return row?.drop_at ?? null;
    const seen = agreedNow(context);
    const drop = dropAt(row.record, seen);
    const sql = `UPDATE tasks SET seen_at = max(?, completed_at), drop_at = ? WHERE seq = ? AND completed_at IS NOT NULL`;
    db.run(sql, seen, drop, row.seq);
    return drop;
  },
};
