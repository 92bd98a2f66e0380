/**
 * Decides now what waiting would decide later: takes running attempts away.
 *
 * `recoverable` looks. `recover` takes only what that saw: an attempt that has changed since was decided by somebody else.
 * What works for them is ended, or held still, in between: see `reap/`.
 */
import { decide, view } from '../../core/index.ts';
import type { Program } from '../../ports/backend.ts';
import { rebind } from '../environment.ts';
import { type Facts, facts, type WorkerFact } from '../facts.ts';
import { storedTask } from '../rows/shown.ts';
import { holdOf, isReadable, type TaskRow } from '../rows/task.ts';
import { runningTasks, taskById } from '../sql/tasks.ts';
import { groupsFor } from '../sql/workers.ts';
import type { Ops, Recoverable, Recovered, Taken } from '../types.ts';
import { settle } from './family.ts';
import type { Context, Operation } from './operation.ts';
import { leftBy } from './overdue.ts';

type Looked = Parameters<Ops['recoverable']>[0];
type Asked = Parameters<Ops['recover']>[0];

export const recoverable: Operation<'recoverable'> = {
  kind: 'read',
  *run(context, args) {
    const known = yield* facts(context);
    const found: Recoverable[] = [];
    for (const row of yield* rowsOf(args)) found.push(yield* lookAtOne(context, row, known, args));
    if (args.ids !== null) return found;
    return found.filter(({ epoch, uncertain }) => epoch !== null || uncertain);
  },
};

/** All that run when no ids are given. */
function* rowsOf({ ids }: Looked): Program<TaskRow[]> {
  if (ids === null) return yield* runningTasks();
  const found: TaskRow[] = [];
  for (const id of ids) {
    const row = yield* taskById(id);
    if (row !== undefined) found.push(row);
  }
  return found;
}

function* lookAtOne(context: Context, row: TaskRow, known: Facts, args: Looked): Program<Recoverable> {
  const { id, status } = row;
  const isRunning = status === 'running' && isReadable(row);
  const isOver = isRunning && (args.force || (yield* isOverdue(context, row, known, args.certain)));
  if (isOver) return { id, status, epoch: holdOf(row.record)?.epoch ?? 0, ...(yield* workOf(context, row, known)) };
  // Says so when it looks overdue to one who trusts the clock of another machine.
  const doubted = isRunning && (yield* isOverdue(context, row, known, false));
  return { id, status, epoch: null, dead: null, living: null, ...(doubted ? { uncertain: true } : {}) };
}

/** What works for it and can be reached. */
function* workOf(context: Context, row: TaskRow, known: Facts): Program<Pick<Recoverable, 'dead' | 'living'>> {
  const owner = ownerOf(row, known);
  if (owner === undefined || !context.sight.canSee(owner.row)) return { dead: null, living: null };
  if (!owner.alive) return { dead: yield* leftBy(owner.row), living: null };
  return { dead: null, living: { worker: owner.row.id, groups: yield* groupsFor(owner.row.id, row.id) } };
}

/** With `certain` its lease counts only as far as this process knows how that stands. */
function* isOverdue({ now }: Context, row: TaskRow, known: Facts, certain: boolean): Program<boolean> {
  const { record, owner, worker, runnable } = yield* storedTask(row, [], known);
  const doubted = certain && ownerOf(row, known)?.certain === false;
  const lease_until = doubted ? null : (worker?.lease_until ?? null);
  return view(record, { owner, runnable, lease_until }, now).attention.kind === 'overdue';
}

const ownerOf = (row: TaskRow, { workers }: Facts): WorkerFact | undefined =>
  workers.find((worker) => worker.row.id === row.worker);

export const recover: Operation<'recover'> = {
  kind: 'write',
  *run(context, args) {
    const known = yield* facts(context);
    const answers: Recovered[] = [];
    for (const one of args.taken) {
      const answer = yield* recoverOne(context, one, args, known);
      if (answer !== undefined) answers.push(answer);
    }
    return answers;
  },
};

function* recoverOne(
  context: Context,
  { id, epoch, stopped }: Taken,
  { force, retry, by }: Asked,
  known: Facts,
): Program<Recovered | undefined> {
  const row = yield* taskById(id);
  if (row === undefined) return undefined;
  const { status } = row;
  const same = status === 'running' && holdOf(row.record)?.epoch === epoch;
  const overdue = same && (yield* isOverdue(context, row, known, true));
  if (!same || (!overdue && !force)) return { id, result: 'skipped_state_changed', status };
  const reason = reasonOf(context, ownerOf(row, known));
  const decided = decide(row.record, { command: 'recover', force, retry, overdue, reason, stopped }, context.now);
  yield* settle(context, row, decided);
  if (retry && by && decided.columns.status === 'pending') yield* rebind(context, row, by);
  return { id, result: 'applied', status: decided.columns.status };
}

/** What became of the worker; none while it lives: then all that is known is that somebody took the attempt away. */
function reasonOf({ sight }: Context, owner: WorkerFact | undefined): 'worker_gone' | 'lease_expired' | null {
  if (owner?.alive) return null;
  return owner === undefined || sight.canSee(owner.row) ? 'worker_gone' : 'lease_expired';
}
