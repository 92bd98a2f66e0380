/** Statements that find tasks by what their rows say. */
import type { TaskRow } from '../rows/task.ts';
import { row, rows } from './statement.ts';

export const TASK_COLUMNS =
  'seq, id, record, status, seen_at, drop_at, needs, code, worker, epoch, environment, bound, place, recipe, tags';

export const taskById = row<TaskRow, [id: string]>('task.by_id', `SELECT ${TASK_COLUMNS} FROM tasks WHERE id = ?`);

export const taskBySeq = row<TaskRow, [seq: number]>('task.by_seq', `SELECT ${TASK_COLUMNS} FROM tasks WHERE seq = ?`);

export const seqOfTask = row<{ seq: number }, [id: string]>('task.seq', 'SELECT seq FROM tasks WHERE id = ?');

/** Why an attempt must end. */
export interface NotHeld {
  /** Which one of those that were asked about. */
  nth: number;
  /** Null of a task that is gone. */
  status: TaskRow['status'] | null;
  /** What the event of its cancel holds, JSON text. */
  cancelled: string | null;
}

/**
 * Those attempts that a worker does not hold any more; `attempts`: JSON text of a list of id and epoch, each two in a list. One
 * that was answered is pending, and goes on there.
 */
export const notHeld = rows<NotHeld, [worker: string, attempts: string]>(
  'task.not_held',
  `SELECT a.key AS nth, t.status,
     (SELECT e.data FROM events e WHERE e.task = t.seq AND e.kind = 'cancelled') AS cancelled
   FROM json_each(?2) a LEFT JOIN tasks t ON t.id = (a.value ->> 0)
   WHERE t.seq IS NULL OR t.worker IS NOT ?1 OR t.epoch <> (a.value ->> 1)
     OR NOT (t.status IN ('running', 'input_required') OR t.head = 1)`,
);

/** Whether its attempt goes on, told from one that has only begun again. */
export const taskWithHead = row<TaskRow & { head: number }, [id: string]>(
  'task.with_head',
  `SELECT ${TASK_COLUMNS}, head FROM tasks WHERE id = ?`,
);

export interface Repeated extends TaskRow {
  stand: string | null;
  max_concurrent: number | null;
  waits: number;
}

export const taskToRepeat = row<Repeated, [id: string]>(
  'task.to_repeat',
  `SELECT ${TASK_COLUMNS}, max_concurrent, waits, stand FROM tasks WHERE id = ?`,
);

export const liveBySeq = row<TaskRow, [seq: number]>(
  'task.live_by_seq',
  `SELECT ${TASK_COLUMNS} FROM tasks WHERE seq = ? AND completed_at IS NULL`,
);

/** Pending, and not held back since its code has changed. */
export const waitingById = row<TaskRow, [id: string]>(
  'task.waiting_by_id',
  `SELECT ${TASK_COLUMNS} FROM tasks WHERE id = ? AND status = 'pending' AND stand <> 'held'`,
);

export const taskOfKey = row<TaskRow, [recipe: string, key: string]>(
  'task.of_key',
  `SELECT ${TASK_COLUMNS} FROM tasks WHERE recipe = ? AND idempotency_key = ?`,
);

/** Three at most, of a range of ids. */
export const idsBetween = rows<{ id: string }, [first: string, behind: string]>(
  'task.ids_between',
  'SELECT id FROM tasks WHERE id >= ? AND id < ? LIMIT 3',
);

/** `statuses`: JSON text of a list; of all sessions without one. The newest first. */
export const idsOfStatus = rows<{ id: string }, [statuses: string, session: string | null]>(
  'task.ids_of_status',
  `SELECT id FROM tasks WHERE status IN (SELECT value FROM json_each(?1)) AND (?2 IS NULL OR session_id = ?2)
   ORDER BY seq DESC`,
);

/** `ids`: JSON text of a list. */
export const liveOf = rows<{ id: string }, [ids: string]>(
  'task.live_of',
  'SELECT id FROM tasks WHERE id IN (SELECT value FROM json_each(?)) AND completed_at IS NULL',
);

/** `ids`: JSON text of a list. Those that have completed, with their results. */
export const completedOf = rows<{ id: string; seen: number; result: string | null }, [ids: string]>(
  'task.completed_of',
  `SELECT t.id, t.seen_at IS NOT NULL AS seen, p.data AS result
   FROM json_each(?) a CROSS JOIN tasks t ON t.id = a.value LEFT JOIN payloads p ON p.task = t.seq AND p.kind = 'result'
   WHERE t.status = 'completed'`,
);

/** `ids`: JSON text of a list. Those that have ended, and that nobody has seen. */
export const unseenOf = rows<{ seq: number; record: string }, [ids: string]>(
  'task.unseen_of',
  `SELECT seq, record FROM tasks
   WHERE id IN (SELECT value FROM json_each(?)) AND completed_at IS NOT NULL AND seen_at IS NULL`,
);

export const runningTasks = rows<TaskRow>(
  'task.running',
  `SELECT ${TASK_COLUMNS} FROM tasks WHERE status = 'running' ORDER BY seq`,
);

/** Live and stopping tasks of a session but for one and its ancestors. */
export const membersOf = rows<TaskRow, [session: string, but: number]>(
  'task.members',
  `SELECT ${TASK_COLUMNS} FROM tasks INDEXED BY tasks_member
   WHERE session_id = ?1 AND (completed_at IS NULL OR worker IS NOT NULL)
     AND seq <> ?2 AND seq NOT IN (SELECT ancestor FROM family WHERE task = ?2) ORDER BY seq`,
);

export const heldBy = rows<{ seq: number }, [worker: string]>('task.held_by', 'SELECT seq FROM tasks WHERE worker = ?');

/** So many at a time, so that no verb waits for a large sweep. */
const BATCH = 500;

/** Attempts whose worker has no row any more. */
export const heldByNobody = rows<{ seq: number }>(
  'task.held_by_nobody',
  `SELECT seq FROM tasks WHERE worker IS NOT NULL AND worker NOT IN (SELECT id FROM workers) LIMIT ${BATCH}`,
);

/** A time of theirs is over. */
export const dueTasks = rows<{ seq: number }, [now: number]>(
  'task.due',
  `SELECT seq FROM tasks WHERE due_at <= ? LIMIT ${BATCH}`,
);

export const isAnyDue = row<object, [now: number]>('task.any_due', 'SELECT 1 FROM tasks WHERE due_at <= ? LIMIT 1');

/** `ids`: JSON text of a list. What nobody works on, and has no end. */
export const unended = rows<{ seq: number; id: string; record: string; keyed: number }, [ids: string]>(
  'task.unended',
  `SELECT seq, id, record, idempotency_key IS NOT NULL AS keyed FROM tasks
   WHERE id IN (SELECT value FROM json_each(?)) AND completed_at IS NULL AND worker IS NULL ORDER BY seq`,
);
