/** Parents and children, rules F1 to F4. `family` holds a row for each ancestor of a task. */

import type { Decided } from '../../core/index.ts';
import { decide } from '../../core/index.ts';
import { ConflictError, TaskNotFoundError } from '../../errors/refusal.ts';
import type { Program } from '../../ports/backend.ts';
import { isTerminal } from '../../wire/task.ts';
import { writeDecided } from '../rows/decided.ts';
import type { Known } from '../rows/known.ts';
import { isReadable, type TaskRow } from '../rows/task.ts';
import { addToFamily, childOfKey, depthOf, liveBelow, unkeyedChildren } from '../sql/family.ts';
import { taskWithHead } from '../sql/tasks.ts';
import type { NewTask } from '../types.ts';
import type { Context } from './operation.ts';

/** How many ancestors a task may have. */
const DEPTH = 16;

/** Writes what was decided of a task, and decides what follows from it for its descendants, in the same transaction. */
export function* settle(context: Context, row: Known, decided: Decided): Program<void> {
  yield* writeDecided(context, row, decided);
  const kinds = decided.events.map(({ kind }) => kind);
  if (kinds.includes('failed') || kinds.includes('cancelled')) {
    yield* cancelAll(context, yield* liveBelow(row.seq));
  } else if (kinds.includes('retry_scheduled') || (kinds.includes('lease_lost') && !decided.columns.completed_at)) {
    yield* cancelUnkeyed(context, row);
  }
}

/** The code that knew them is gone, and the next run submits its own; it gets those with a key back. */
function* cancelUnkeyed(context: Context, { id }: Pick<TaskRow, 'id'>): Program<void> {
  const all: TaskRow[] = [];
  for (const child of yield* unkeyedChildren(id)) all.push(child, ...(yield* liveBelow(child.seq)));
  yield* cancelAll(context, all);
}

function* cancelAll(context: Context, rows: readonly TaskRow[]): Program<void> {
  for (const row of rows) {
    if (!isReadable(row)) continue;
    yield* writeDecided(context, row, decide(row.record, { command: 'cancel', by: 'parent' }, context.now));
  }
}

/** The parent of a new task, if it names one. */
export interface Parent {
  seq: number;
  id: string;
}

/** Finds the parent that a task names, and refuses when it submits no more. */
export function* parentOf({ store }: Context, { spec, parent }: NewTask): Program<Parent | undefined> {
  const id = spec.parent_id;
  if (id == null) return undefined;
  const row = yield* taskWithHead(id);
  if (row === undefined) throw new TaskNotFoundError(id, store);
  const isLive = !isTerminal(row.status);
  if (!isLive || (parent !== null && !goesOn(row, parent.epoch))) {
    const message = `parent: task ${id} is ${row.status}; ${isLive ? 'the attempt that asks is over' : 'it has ended'} and submits no more`;
    throw new ConflictError(message, { taskId: id, details: { parent_id: id, status: row.status } });
  }
  const above = yield* depthOf(row.seq);
  if ((above?.n ?? 0) >= DEPTH) {
    throw new ConflictError(`parent: tasks are nested ${DEPTH} deep, which is the limit`, {
      details: { parent_id: id },
    });
  }
  return { seq: row.seq, id };
}

/** The execution holds the task and has not been told to end. */
function goesOn(row: TaskRow & { head: number }, epoch: number): boolean {
  const { status, head } = row;
  return (
    row.worker !== null && row.epoch === epoch && (status === 'running' || status === 'input_required' || head === 1)
  );
}

/** The child that an earlier attempt submitted under that key, unless it failed or was cancelled. */
export const childOf = (parent: Parent, key: string) => childOfKey(parent.id, key);

/** Remembers all ancestors of a new task. */
export const adopt = (parent: Parent, child: number) => addToFamily(child, parent.seq);
