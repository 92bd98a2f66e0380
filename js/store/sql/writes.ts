/** Statements that write tasks: only `rows/` yields them, and `ops/lend.ts` for lent slots. */
import type { Value } from '../../ports/backend.ts';
import type { TaskStatus } from '../../wire/task.ts';
import { numberedInserts } from './inserts.ts';
import { changes, row } from './statement.ts';

/**
 * Statements that run for each task have no RETURNING: SQLite keeps a copy of every page that such a one touches, to undo it alone
 * (https://sqlite.org/tempfiles.html#stmtjrnl), a quarter of all that it does for a task.
 */
export const insertTaskRows = numberedInserts<readonly Value[]>(
  'task.insert',
  `tasks (id, record, status, recipe, session_id, parent_id, priority, head, run_at, due_at, worker, needs, max_concurrent,
     event_count, event_bytes, waits, code, idempotency_key, child_key, slot, stand, environment, bound, place, name, created_at,
     tags, epoch)`,
  '(?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
);

/** How many events a task has, and the bytes of their data; its row counts them. */
export interface Amount {
  events: number;
  bytes: number;
}

export const amountOf = row<Amount, [seq: number]>(
  'task.amount',
  'SELECT event_count AS events, event_bytes AS bytes FROM tasks WHERE seq = ?',
);

const MORE_EVENTS = 'event_count = event_count + ?, event_bytes = event_bytes + ?';

/** The task is as it was when that was decided: else nothing is written. */
const AS_READ = 'WHERE seq = ? AND epoch = ? AND status = ?';

type AsRead = [seq: number, epoch: number, status: TaskStatus];

/** Facts that no index knows: they are many, and each index that an update names costs a page of the log. */
export const writeFacts = changes<[record: string, events: number, bytes: number, ...AsRead]>(
  'task.write_facts',
  `UPDATE tasks SET record = ?, ${MORE_EVENTS} ${AS_READ}`,
);

/** From the first start on `waits` is 2. */
export const writeStart = changes<
  [record: string, worker: string | null, due: number | null, epoch: number, events: number, bytes: number, ...AsRead]
>(
  'task.write_start',
  `UPDATE tasks SET record = ?, status = 'running', head = 0, worker = ?, due_at = ?, epoch = ?, ${MORE_EVENTS}, stand = NULL,
     slot = 1, lent = 0, wants = NULL, waits = CASE WHEN waits = 1 THEN 2 ELSE waits END ${AS_READ}`,
);

/** Also what comes after the end. The slot is free when nobody holds the task any more. */
export const writeEnd = changes<readonly Value[]>(
  'task.write_end',
  `UPDATE tasks SET record = ?, status = ?, head = ?, due_at = ?, worker = ?, completed_at = ?, drop_at = ?, ${MORE_EVENTS},
     stand = NULL, slot = CASE WHEN ? THEN 0 ELSE slot END, lent = 0, wants = NULL
   ${AS_READ}`,
);

/** Whatever else changes while it is live; what was lent stays so while it runs. */
export const writeChange = changes<readonly Value[]>(
  'task.write_change',
  `UPDATE tasks SET record = ?1, status = ?2, priority = ?3, head = ?4, run_at = ?5, due_at = ?6, worker = ?7,
     stand = CASE WHEN ?2 = 'pending' THEN coalesce(?8, nullif(stand, 'held'), 'ready') END,
     event_count = event_count + ?9, event_bytes = event_bytes + ?10, slot = CASE WHEN ?11 THEN 0 ELSE slot END,
     lent = CASE WHEN ?2 = 'running' THEN lent ELSE 0 END, wants = CASE WHEN ?2 = 'running' THEN wants END
   WHERE seq = ?12 AND epoch = ?13 AND status = ?14`,
);

export const markSeen = changes<[seen: number, drop: number | null, seq: number]>(
  'task.mark_seen',
  'UPDATE tasks SET seen_at = max(?, completed_at), drop_at = ? WHERE seq = ? AND completed_at IS NOT NULL',
);

/** `drops`: JSON text of a list of `seq` and when it may go, each two in a list. */
export const markAllSeen = changes<[seen: number, drops: string]>(
  'task.mark_all_seen',
  `UPDATE tasks SET seen_at = max(?1, completed_at), drop_at = value ->> 1 FROM json_each(?2)
   WHERE tasks.seq = value ->> 0 AND completed_at IS NOT NULL`,
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

/** What counts it and finds it. */
export interface Counted {
  status: TaskStatus;
  tags: string | null;
}

export const counted = row<Counted, [seq: number]>('task.counted', 'SELECT status, tags FROM tasks WHERE seq = ?');

/** The first result of a step is the one that later attempts are given. */
export const addStep = changes<[task: number, key: string, data: string, refs: string | null]>(
  'step.add',
  'INSERT OR IGNORE INTO steps (task, key, data, refs) VALUES (?, ?, ?, ?)',
);

/** What the finished steps of a task gave, for another one; its answers (their keys begin with NUL) are not asked for there. */
export const copySteps = changes<[to: number, from: number]>(
  'step.copy',
  'INSERT INTO steps (task, key, data, refs) SELECT ?, key, data, refs FROM steps WHERE task = ? AND unicode(key) > 0',
);
