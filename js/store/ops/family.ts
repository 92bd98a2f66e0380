/** Parents and children, rules F1 to F4. `family` holds a row for each ancestor of a task. */

import type { Decided } from '../../core/index.ts';
import { decide } from '../../core/index.ts';
import { ConflictError, TaskNotFoundError } from '../../errors/refusal.ts';
import { isTerminal } from '../../wire/task.ts';
import { holdOf, isReadable, TASK_COLUMNS, type TaskRow, writeDecided } from '../rows.ts';
import type { NewTask } from '../types.ts';
import type { Context } from './operation.ts';

/** How many ancestors a task may have. */
const DEPTH = 16;

/** Writes what was decided of a task, and decides what follows from it for its descendants, in the same transaction. */
export function settle(context: Context, row: Pick<TaskRow, 'seq' | 'id' | 'seen_at'>, decided: Decided): void {
  writeDecided(context.db, row.seq, decided, row.seen_at);
  const kinds = decided.events.map(({ kind }) => kind);
  if (kinds.includes('failed') || kinds.includes('cancelled')) cancelAll(context, descendants(context, row.seq));
  else if (kinds.includes('retry_scheduled') || (kinds.includes('lease_lost') && !decided.columns.completed_at)) {
    cancelUnkeyed(context, row);
  }
}

const LIVE_BELOW = `SELECT ${TASK_COLUMNS} FROM tasks WHERE seq IN (SELECT task FROM family WHERE ancestor = ?)
  AND completed_at IS NULL ORDER BY seq`;

const descendants = ({ db }: Context, seq: number): TaskRow[] => db.all<TaskRow>(LIVE_BELOW, seq);

/** The code that knew them is gone, and the next run submits its own; it gets those with a key back. */
function cancelUnkeyed(context: Context, { id }: Pick<TaskRow, 'id'>): void {
  const children = context.db.all<TaskRow>(
    `SELECT ${TASK_COLUMNS} FROM tasks WHERE parent_id = ? AND child_key IS NULL AND completed_at IS NULL ORDER BY seq`,
    id,
  );
  cancelAll(
    context,
    children.flatMap((child) => [child, ...descendants(context, child.seq)]),
  );
}

function cancelAll({ db, now }: Context, rows: readonly TaskRow[]): void {
  for (const row of rows) {
    if (!isReadable(row)) continue;
    writeDecided(db, row.seq, decide(row.record, { command: 'cancel', by: 'parent' }, now), row.seen_at);
  }
}

/** The parent of a new task, if it names one. */
export interface Parent {
  seq: number;
  id: string;
}

/** Finds the parent that a task names, and refuses when it submits no more. */
export function parentOf({ db }: Context, { spec, parent }: NewTask): Parent | undefined {
  const id = spec.parent_id;
  if (id == null) return undefined;
  const row = db.get<TaskRow & { head: number }>(`SELECT ${TASK_COLUMNS}, head FROM tasks WHERE id = ?`, id);
  if (row === undefined) throw new TaskNotFoundError(id, db.path);
  const isLive = !isTerminal(row.status);
  if (!isLive || (parent !== null && !goesOn(row, parent.epoch))) {
    const message = `parent: task ${id} is ${row.status}; ${isLive ? 'the attempt that asks is over' : 'it has ended'} and submits no more`;
    throw new ConflictError(message, { taskId: id, details: { parent_id: id, status: row.status } });
  }
  const above = db.get<{ n: number }>('SELECT count(*) AS n FROM family WHERE task = ?', row.seq);
  if ((above?.n ?? 0) >= DEPTH) {
    throw new ConflictError(`parent: tasks are nested ${DEPTH} deep, which is the limit`, {
      details: { parent_id: id },
    });
  }
  return { seq: row.seq, id };
}

/** The execution holds the task and has not been told to end. */
function goesOn({ record, status, head }: TaskRow & { head: number }, epoch: number): boolean {
  return holdOf(record)?.epoch === epoch && (status === 'running' || status === 'input_required' || head === 1);
}

/** The child that an earlier attempt submitted under that key, unless it failed or was cancelled. */
export function childOf({ db }: Context, parent: Parent, key: string): TaskRow | undefined {
  return db.get<TaskRow>(
    `SELECT ${TASK_COLUMNS} FROM tasks
     WHERE parent_id = ? AND child_key = ? AND status NOT IN ('failed', 'cancelled') ORDER BY seq DESC LIMIT 1`,
    parent.id,
    key,
  );
}

/** Remembers all ancestors of a new task. */
export function adopt({ db }: Context, parent: Parent, child: number): void {
  db.run(
    'INSERT INTO family (ancestor, task) SELECT ancestor, ?1 FROM family WHERE task = ?2 UNION ALL SELECT ?2, ?1',
    child,
    parent.seq,
  );
}
