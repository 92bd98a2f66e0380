import { submit as newRecord, newTaskId, type Spec } from '../../core/index.ts';
import { type Facts, facts } from '../facts.ts';
import { canRun, findRow, insertTask, type Needs, needsOf, storedTask, type TaskRow, writePayloads } from '../rows.ts';
import type { NewTask, StoredTask, WorkerRow } from '../types.ts';
import { adopt, childOf, parentOf } from './family.ts';
import { knownUnderKey } from './keys.ts';
import type { Context, Operation } from './operation.ts';
import { enterSession } from './session.ts';
import { insertStarting } from './workers.ts';

/** Inserts all or none; the row of the worker to start comes in the same transaction, so twenty submits start one. */
export const submit: Operation<'submit'> = {
  kind: 'write',
  run: (context, { tasks, start }) => {
    const each = tasks.map((task) => enter(context, task));
    // a later one may have interrupted an earlier one
    const entered = each.length > 1 ? each.map((one) => asOfNow(context, one)) : each;
    const needs = entered.filter(({ row }) => row.status === 'pending').map(({ row }) => needsOf(row));
    const spawn = start !== null && startFor(context, needs, start);
    const known = facts(context);
    return { tasks: entered.map((one) => shown(context, one, known)), spawn };
  },
};

/** Inserts the row of a worker to start when a live task has none that can run it. */
export const needWorker: Operation<'needWorker'> = {
  kind: 'write',
  silent: true,
  prepare: (context, { id }) => waitsForWorker(context, id) !== undefined,
  idle: false,
  bestEffort: 'upgrade',
  run: (context, { id, start }) => {
    const needs = waitsForWorker(context, id);
    return needs !== undefined && startFor(context, [needs], start);
  },
};

interface Entered {
  row: TaskRow;
  deduplicated: boolean;
}

const asOfNow = ({ db }: Context, { row, ...one }: Entered): Entered => ({ ...one, row: findRow(db, row.id) ?? row });

function enter(context: Context, task: NewTask): Entered {
  const known = knownUnderKey(context, task);
  if (known !== undefined) return { row: known, deduplicated: true };
  const parent = parentOf(context, task);
  const child = parent && task.childKey !== null ? childOf(context, parent, task.childKey) : undefined;
  if (child !== undefined) return { row: child, deduplicated: true };
  enterSession(context, task, parent);
  const row = insert(context, task);
  if (parent !== undefined) adopt(context, parent, row.seq);
  return { row, deduplicated: false };
}

function insert({ db, now }: Context, task: NewTask): TaskRow {
  const { needs, maxConcurrent, code, onConflict, childKey, payloads } = task;
  const waits = onConflict === 'enqueue' || onConflict === 'interrupt';
  const id = newTaskId();
  const row = insertTask(db, id, newRecord(task.spec, id, now), {
    needs,
    maxConcurrent,
    code,
    waits,
    childKey,
    place: placeOf(task.spec),
  });
  writePayloads(db, row.seq, payloads, task.refs, true);
  return row;
}

/** Where the path of its recipe's folder means that folder. */
export const placeOf = ({ source }: Spec): string | null =>
  (source as { place?: string } | null | undefined)?.place ?? null;

function shown({ db }: Context, { row, deduplicated }: Entered, known: Facts): StoredTask {
  const task = storedTask(db, row, ['input', 'config', 'metadata'], known);
  return deduplicated ? { ...task, deduplicated } : task;
}

/** The needs of a pending task that no living worker can run. */
function waitsForWorker(context: Context, id: string): Needs | undefined {
  const sql = "SELECT needs, code, place, recipe FROM tasks WHERE id = ? AND status = 'pending'";
  const row = context.db.get<Pick<TaskRow, 'needs' | 'code' | 'place' | 'recipe'>>(sql, id);
  if (row === undefined) return undefined;
  const needs = needsOf(row);
  return canRun(facts(context).workers, needs) ? undefined : needs;
}

/** A new worker has this process' environment; it is of use when some task needs one and it could run it. */
export function startFor(context: Context, needs: readonly Needs[], start: WorkerRow): boolean {
  const { workers } = facts(context);
  const fresh = [{ row: start, claims: true }];
  const useful = needs.some((one) => !canRun(workers, one) && canRun(fresh, one));
  if (useful) insertStarting(context, start);
  return useful;
}
