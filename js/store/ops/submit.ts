import { submit as newRecord, newTaskId, type Spec } from '../../core/index.ts';
import type { Database } from '../database.ts';
import { announceKey, storeEnvironment } from '../environment.ts';
import { type Facts, facts, isLocal, type WorkerFact } from '../facts.ts';
import {
  canRun,
  findRow,
  insertTask,
  type Needs,
  needsOf,
  type Placing,
  storedTask,
  TASK_COLUMNS,
  type TaskRow,
  writePayloads,
} from '../rows.ts';
import type { Binding, NewTask, StoredTask, Wanted, WorkerRow } from '../types.ts';
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
    return { tasks: entered.map((one) => shown(context, one, known)), spawn, unheld: unheld(context, needs, known) };
  },
};

/** Inserts the row of a worker to start when a live task has none that can run it. */
export const needWorker: Operation<'needWorker'> = {
  kind: 'write',
  silent: true,
  prepare: (context, { id }) => waitsForWorker(context, id) !== undefined,
  idle: { needed: false, spawn: false, hand: null },
  bestEffort: 'upgrade',
  run: (context, { id, start }) => {
    const needs = waitsForWorker(context, id);
    if (needs === undefined) return { needed: false, spawn: false, hand: null };
    const spawn = startFor(context, [needs], start);
    return { needed: true, spawn, hand: spawn ? null : wanted(context, needs) };
  },
};

/** How a pending task is provided for without a further worker. A look only: it is never left undone. */
export const provision: Operation<'provision'> = {
  kind: 'read',
  run: (context, { id }) => {
    const needs = waitsForWorker(context, id);
    return { needed: needs !== undefined, spawn: false, hand: needs === undefined ? null : wanted(context, needs) };
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
  const binding = bindingOf(db, task.binding);
  const row = insertTask(db, id, newRecord(task.spec, id, now), {
    needs,
    maxConcurrent,
    code,
    binding,
    place: placeOf(task.spec),
    waits,
    childKey,
    tags: task.tags,
    createdAt: now,
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

/** Stores what a new task is bound to. */
export function bindingOf(db: Database, binding: Binding | undefined): Placing['binding'] {
  if (binding === undefined) return null;
  storeEnvironment(db, binding.environment);
  announceKey(db, binding.values);
  return { environment: binding.environment.id, values: binding.values };
}

/** The needs of a pending task that no living worker can run. */
function waitsForWorker(context: Context, id: string): Needs | undefined {
  const { db } = context;
  const row = db.get<TaskRow>(`SELECT ${TASK_COLUMNS} FROM tasks WHERE id = ? AND status = 'pending' AND held = 0`, id);
  if (row === undefined) return undefined;
  return storedTask(db, row, [], facts(context)).runnable ? undefined : needsOf(row);
}

/**
 * A new worker has this process' environment; it is of use when some task needs one and it could run it. While one lives
 * that can be handed values, no other is started for them.
 */
export function startFor(context: Context, needs: readonly Needs[], start: WorkerRow): boolean {
  const { db } = context;
  const { workers } = facts(context);
  const fresh = [{ row: start, claims: true }];
  const useful = needs.some(
    (one) =>
      !canRun(db, workers, one) &&
      (one.bound.length === 0 || receiver(workers) === undefined) &&
      canRun(db, fresh, one),
  );
  if (useful) insertStarting(context, start);
  return useful;
}

/** A worker of this machine that values can be handed to, now or when it has started. */
function receiver(workers: readonly WorkerFact[]): WorkerRow | undefined {
  const rows = workers.filter(({ claims, row }) => claims && row.folders && isLocal(row)).map(({ row }) => row);
  return (
    rows.find(({ state, socket }) => state === 'live' && socket != null) ??
    rows.find(({ state }) => state === 'starting')
  );
}

/** What to hand to whom, so that a task which no worker can run is run. */
function wanted(context: Context, { bound }: Needs): Wanted | null {
  const row = bound.length === 0 ? undefined : receiver(facts(context).workers);
  return row === undefined ? null : { values: [...bound], worker: { id: row.id, socket: row.socket ?? null } };
}

/** One of each set of values that no worker has. */
function unheld({ db }: Context, needs: readonly Needs[], { workers }: Facts): string[] {
  const sets = new Map(needs.map((one) => [one.bound.map(({ hash }) => hash).join(), one]));
  return [...sets.values()].filter((one) => one.bound.length > 0 && !canRun(db, workers, one)).map(({ id }) => id);
}
