import { submit as newRecord, newTaskId } from '../../core/index.ts';
import { facts } from '../facts.ts';
import { canRun, insertTask, needsOf, storedTask, type TaskRow, writePayloads } from '../rows.ts';
import type { NewTask, WorkerRow } from '../types.ts';
import type { Context, Operation } from './operation.ts';
import { insertStarting } from './workers.ts';

/** Inserts all or none; the row of the worker to start comes in the same transaction, so twenty submits start one. */
export const submit: Operation<'submit'> = {
  kind: 'write',
  run: (context, { tasks, start }) => {
    const rows = tasks.map((task) => insert(context, task));
    const needs = tasks.map((task) => task.needs);
    const spawn = start !== null && startFor(context, needs, start);
    const known = facts(context.db, context.now);
    return { tasks: rows.map((row) => storedTask(context.db, row, ['input', 'config', 'metadata'], known)), spawn };
  },
};

/** Inserts the row of a worker to start when a live task has none that can run it. */
export const needWorker: Operation<'needWorker'> = {
  kind: 'write',
  silent: true,
  prepare: (context, { id }) => waitsForWorker(context, id) !== undefined,
  idle: false,
  run: (context, { id, start }) => {
    const needs = waitsForWorker(context, id);
    return needs !== undefined && startFor(context, [needs], start);
  },
};

function insert({ db, now }: Context, task: NewTask): TaskRow {
  const id = newTaskId();
  const row = insertTask(db, id, newRecord(task.spec, id, now), task);
  writePayloads(db, row.seq, task.payloads);
  return row;
}

/** The needs of a pending task that no living worker can run. */
function waitsForWorker({ db, now }: Context, id: string): string[] | undefined {
  const row = db.get<{ needs: string | null }>("SELECT needs FROM tasks WHERE id = ? AND status = 'pending'", id);
  if (row === undefined) return undefined;
  const needs = needsOf(row);
  return canRun(facts(db, now).workers, needs) ? undefined : needs;
}

/** A new worker has this process' environment; it is of use when some task needs one and it could run it. */
function startFor({ db, now }: Context, needs: readonly string[][] | readonly (readonly string[])[], start: WorkerRow) {
  const { workers } = facts(db, now);
  const fresh = [{ row: start, alive: true }];
  const useful = needs.some((names) => !canRun(workers, names) && canRun(fresh, names));
  if (useful) insertStarting(db, start, now);
  return useful;
}
