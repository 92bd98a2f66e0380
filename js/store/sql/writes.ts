/** Statements that write tasks: only `rows/` yields them, and `ops/lend.ts` for lent slots. */
import type { Value } from '../../ports/backend.ts';
import { changes, row } from './statement.ts';

export const insertTaskRow = row<{ seq: number }, readonly Value[]>(
  'task.insert',
  `INSERT INTO tasks (id, record, status, recipe, session_id, parent_id, priority, head, run_at, needs, max_concurrent,
     code, waits, idempotency_key, child_key, later, environment, bound, place, name, created_at, tags)
   VALUES (?, '', 'pending', ?, NULL, NULL, 0, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING seq`,
);

/** How many events a task has, and the bytes of their data; its row counts them. */
export interface Amount {
  events: number;
  bytes: number;
}

/** Facts that no index knows: they are many, and each index that an update names costs a page of the log. */
export const writeFacts = row<Amount, [record: string, events: number, bytes: number, seq: number]>(
  'task.write_facts',
  `UPDATE tasks SET record = ?, event_count = event_count + ?, event_bytes = event_bytes + ?
   WHERE seq = ? RETURNING event_count AS events, event_bytes AS bytes`,
);

export const writeColumns = row<Amount, readonly Value[]>(
  'task.write',
  `UPDATE tasks SET record = ?, status = ?, recipe = ?, session_id = ?, parent_id = ?, priority = ?, head = ?,
     run_at = ?, due_at = ?, worker = ?, held = ?, completed_at = ?, drop_at = ?,
     event_count = event_count + ?, event_bytes = event_bytes + ?,
     later = CASE WHEN ? THEN 1 WHEN ? THEN 0 ELSE later END,
     waits = CASE WHEN waits = 1 AND ? THEN 2 ELSE waits END,
     slot = CASE WHEN ? THEN 0 WHEN ? THEN 1 ELSE slot END,
     lent = CASE WHEN ? THEN 0 ELSE lent END, wants = CASE WHEN ? THEN NULL ELSE wants END,
     idempotency_key = CASE WHEN ? THEN NULL ELSE idempotency_key END
   WHERE seq = ? RETURNING event_count AS events, event_bytes AS bytes`,
);

export const markSeen = changes<[seen: number, drop: number | null, seq: number]>(
  'task.mark_seen',
  'UPDATE tasks SET seen_at = max(?, completed_at), drop_at = ? WHERE seq = ? AND completed_at IS NOT NULL',
);

/** Its record cannot be read, so nothing can be decided of it; it must not be looked at for ever. */
export const letGo = changes<[seq: number]>('task.let_go', 'UPDATE tasks SET worker = NULL WHERE seq = ?');

/** The same of one whose time is over. */
export const forgetDue = changes<[seq: number]>('task.forget_due', 'UPDATE tasks SET due_at = NULL WHERE seq = ?');

export const forgetKey = changes<[seq: number]>(
  'task.forget_key',
  'UPDATE tasks SET idempotency_key = NULL WHERE seq = ?',
);

export const keepUntil = changes<[at: number, seq: number]>(
  'task.keep_until',
  'UPDATE tasks SET drop_at = ? WHERE seq = ?',
);

export const deleteTaskRow = changes<[seq: number]>('task.delete', 'DELETE FROM tasks WHERE seq = ?');

export const deleteFamily = changes<[seq: number]>('family.delete', 'DELETE FROM family WHERE task = ?');

export const deleteSteps = changes<[seq: number]>('step.delete', 'DELETE FROM steps WHERE task = ?');

/** The tags of a JSON text, each once. */
const EACH_TAG = '(SELECT DISTINCT value FROM json_each(?))';

export const addTags = changes<[seq: number, tags: string]>(
  'tag.add',
  `INSERT INTO task_tags (tag, task) SELECT value, ? FROM ${EACH_TAG}`,
);

export const deleteTags = changes<[seq: number, tags: string]>(
  'tag.delete',
  `DELETE FROM task_tags WHERE task = ? AND tag IN ${EACH_TAG}`,
);

export const tagsOf = row<{ tags: string | null }, [seq: number]>('tag.of', 'SELECT tags FROM tasks WHERE seq = ?');

/** The first result of a step is the one that later attempts are given. */
export const addStep = changes<[task: number, key: string, data: string, refs: string | null]>(
  'step.add',
  'INSERT OR IGNORE INTO steps (task, key, data, refs) VALUES (?, ?, ?, ?)',
);
