/**
 * Decides now what waiting would decide later: takes running attempts away.
 *
 * 1. `prepare` looks. `run` takes only what it saw: an attempt that changed in between was decided by somebody else.
 * 2. What a dead worker left is killed before the write lock is taken. The group of a living one is killed behind it: else
 *    the worker would see its child die and decide first.
 */
import { decide, view } from '../../core/index.ts';
import { rebind } from '../environment.ts';
import { type Facts, facts, isLocal, type WorkerFact } from '../facts.ts';
import { killGroup } from '../process.ts';
import { findRow, holdOf, isReadable, storedTask, TASK_COLUMNS, type TaskRow } from '../rows.ts';
import type { Ops, Recovered, WorkerRow } from '../types.ts';
import { killGroups } from './due.ts';
import { settle } from './family.ts';
import type { Context, Operation } from './operation.ts';

type Args = Parameters<Ops['recover']>[0];

/** What `prepare` found worth taking: the epoch by the task's id. */
const seen = new WeakMap<Args, ReadonlyMap<string, number>>();

export const recover: Operation<'recover'> = {
  kind: 'write',
  isLook: ({ dryRun }) => dryRun,
  prepare: (context, args) => {
    const known = facts(context);
    const taken = rowsOf(context, args).filter((row) => isRecoverable(context, row, known, args));
    seen.set(args, new Map(taken.map((row) => [row.id, holdOf(row.record)?.epoch ?? 0])));
    if (!args.dryRun) for (const row of taken) killWork(context, row, known, 'dead');
    return true;
  },
  run: (context, args) => {
    const known = facts(context);
    const taken = seen.get(args) ?? new Map<string, number>();
    const ids = args.ids ?? [...new Set([...taken.keys(), ...rowsOf(context, args).map(({ id }) => id)])];
    const answers = ids.flatMap((id) => recoverOne(context, id, taken.get(id), args, known) ?? []);
    if (args.ids !== null) return answers;
    return answers.filter(({ result, uncertain }) => result !== 'skipped_not_recoverable' || uncertain);
  },
};

/** All that run when no ids are given; those that are not recoverable are left out then. */
function rowsOf({ db }: Context, { ids }: Args): TaskRow[] {
  if (ids === null) return db.all<TaskRow>(`SELECT ${TASK_COLUMNS} FROM tasks WHERE status = 'running' ORDER BY seq`);
  return ids.flatMap((id) => findRow(db, id) ?? []);
}

/** A dry run tells what would become of one that is overdue by the clock of another machine, once it was watched. */
function isRecoverable(context: Context, row: TaskRow, known: Facts, { force, dryRun }: Args): boolean {
  return row.status === 'running' && isReadable(row) && (force || isOverdue(context, row, known, !dryRun));
}

/** With `certain` its lease counts only as far as this process knows how that stands. */
function isOverdue({ db, now }: Context, row: TaskRow, known: Facts, certain: boolean): boolean {
  const { record, owner, worker, runnable } = storedTask(db, row, [], known);
  const doubted = certain && ownerOf(row, known)?.certain === false;
  const lease_until = doubted ? null : (worker?.lease_until ?? null);
  return view(record, { owner, runnable, lease_until }, now).attention.kind === 'overdue';
}

const ownerOf = (row: TaskRow, { workers }: Facts): WorkerFact | undefined =>
  workers.find((worker) => worker.row.id === row.worker);

function recoverOne(
  context: Context,
  id: string,
  epoch: number | undefined,
  { force, retry, dryRun, by }: Args,
  known: Facts,
): Recovered | null {
  const row = findRow(context.db, id);
  if (row === undefined) return null;
  const { status } = row;
  if (epoch === undefined) return { id, result: 'skipped_not_recoverable', status, ...doubt(context, row, known) };
  const same = status === 'running' && holdOf(row.record)?.epoch === epoch;
  const overdue = same && isOverdue(context, row, known, !dryRun);
  if (!same || (!overdue && !force)) return { id, result: 'skipped_state_changed', status };
  if (dryRun) return { id, result: 'would_apply', status };
  const stopped = killWork(context, row, known, 'any');
  const reason = reasonOf(ownerOf(row, known));
  const decided = decide(row.record, { command: 'recover', force, retry, overdue, reason, stopped }, context.now);
  settle(context, row, decided);
  if (retry && by && decided.columns.status === 'pending') rebind(context.db, row, by);
  return { id, result: 'applied', status: decided.columns.status };
}

/** Says so when it looks overdue to one who trusts the clock of another machine. */
function doubt(context: Context, row: TaskRow, known: Facts): { uncertain?: true } {
  return row.status === 'running' && isReadable(row) && isOverdue(context, row, known, false)
    ? { uncertain: true }
    : {};
}

/** What became of the worker; none while it lives: then all that is known is that somebody took the attempt away. */
function reasonOf(owner: WorkerFact | undefined): 'worker_gone' | 'lease_expired' | null {
  if (owner?.alive) return null;
  return owner === undefined || isLocal(owner.row) ? 'worker_gone' : 'lease_expired';
}

/** Milliseconds that a killed group gets to end while others wait for the write lock. */
const PATIENCE = 500;

/** Kills what works for the task, where it can be reached; answers whether none of it runs any more. */
function killWork(context: Context, row: TaskRow, known: Facts, owners: 'dead' | 'any'): boolean {
  const owner = ownerOf(row, known);
  if (owner === undefined || !isLocal(owner.row)) return false;
  if (!owner.alive) return killGroups(context, owner.row, owners === 'dead' ? undefined : 0);
  return owners === 'any' && killGroupsOf(context, owner.row, row.id);
}

function killGroupsOf({ db }: Context, worker: WorkerRow, task: string): boolean {
  const groups = db.all<{ pgid: number; start_time: string }>(
    'SELECT pgid, start_time FROM groups WHERE worker = ? AND task = ?',
    worker.id,
    task,
  );
  const ended = groups.map(({ pgid, start_time }) => killGroup(pgid, start_time, worker.id, PATIENCE));
  return groups.length > 0 && ended.every(Boolean); // code in the worker's own process cannot be killed
}
