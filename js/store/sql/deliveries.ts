/** Statements about what somebody is to be told of tasks. */
import type { TaskRow } from '../rows/task.ts';
import type { DeliveryState, StoredDelivery } from '../types.ts';
import { changes, row, rows } from './statement.ts';
import { TASK_COLUMNS } from './tasks.ts';

/** An event that somebody may be told of, with all that he is told. */
export interface ToldRow {
  /** Of the store; null of a file of an older schema. */
  store: string | null;
  task: string;
  record: string;
  session_id: string | null;
  seq: number;
  kind: string;
  at: number;
  data: string;
  input: string | null;
  result: string | null;
  sequel: string;
}

const payloadOf = (kind: string): string => `(SELECT data FROM payloads p WHERE p.task = t.seq AND p.kind = '${kind}')`;

/** Nothing of a task that tells nobody, and of an event that was undone. */
export const toldEvent = row<ToldRow, [task: number, event: number]>(
  'delivery.told',
  `SELECT (SELECT value FROM meta WHERE key = 'store_id') AS store, t.id AS task, t.record, t.session_id, e.seq, e.kind, e.at,
     e.data, ${payloadOf('input')} AS input, ${payloadOf('result')} AS result, s.data AS sequel
   FROM tasks t JOIN sequels s ON s.task = t.seq JOIN events e ON e.task = t.seq
   WHERE t.seq = ?1 AND e.seq = ?2`,
);

/** Once, whatever is tried again. */
export const addDelivery = changes<
  [id: string, task: string, address: string, channel: string, type: string, body: string, at: number, next: number]
>(
  'delivery.add',
  `INSERT OR IGNORE INTO deliveries (id, task, address, channel, type, body, at, next_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
);

/** Of one task and address the first comes first. */
const IS_FIRST = `NOT EXISTS (SELECT 1 FROM deliveries e
  WHERE e.task = d.task AND e.address = d.address AND e.n < d.n AND e.state = 'pending')`;

/** Whoever has these channels could tell it. */
const IS_MINE = 'd.channel IN (SELECT value FROM json_each(?))';

export interface ClaimedRow {
  id: string;
  task: string;
  address: string;
  channel: string;
  body: string;
  attempts: number;
  at: number;
}

/** In no order. */
export const claimDeliveries = rows<ClaimedRow, [until: number, now: number, channels: string, limit: number]>(
  'delivery.claim',
  `UPDATE deliveries SET attempts = attempts + 1, next_at = ?
   WHERE n IN (SELECT d.n FROM deliveries d WHERE d.state = 'pending' AND d.next_at <= ? AND ${IS_MINE} AND ${IS_FIRST}
     ORDER BY d.next_at LIMIT ? + 0)
   RETURNING id, task, address, channel, body, attempts, at`,
);

export const nextDelivery = row<{ at: number }, [channels: string]>(
  'delivery.next',
  `SELECT d.next_at AS at FROM deliveries d WHERE d.state = 'pending' AND ${IS_MINE} AND ${IS_FIRST} ORDER BY d.next_at LIMIT 1`,
);

/** Whether there is one that has become due in this time. */
export const isAnyDeliveryDue = row<{ n: number }, [now: number, since: number]>(
  'delivery.due',
  "SELECT n FROM deliveries WHERE state = 'pending' AND next_at <= ? AND next_at > ? LIMIT 1",
);

const IS_REMOVED = "state = 'pending' AND next_at <= ?1 AND channel NOT IN (SELECT value FROM json_each(?2))";

/** Whether one has waited since then whose channel is none of these. */
export const isAnyRemoved = row<{ n: number }, [since: number, channels: string]>(
  'delivery.is_removed',
  `SELECT n FROM deliveries WHERE ${IS_REMOVED} LIMIT 1`,
);

/** Gives up those that have waited since then and whose channel is none of these, so many at most. */
export const removeDeliveries = rows<
  { id: string; task: string; address: string; attempts: number },
  [since: number, channels: string, now: number, error: string, limit: number]
>(
  'delivery.remove',
  `UPDATE deliveries SET state = 'dead', next_at = ?3, settled_at = ?3, last_error = ?4
   WHERE n IN (SELECT n FROM deliveries WHERE ${IS_REMOVED} ORDER BY next_at LIMIT ?5 + 0)
   RETURNING id, task, address, attempts`,
);

/** Nothing when somebody else has tried it since. */
export const settleDelivery = row<
  { task: string; address: string; n: number },
  [
    state: DeliveryState,
    next: number,
    settled: number | null,
    error: string | null,
    back: number,
    id: string,
    attempts: number,
  ]
>(
  'delivery.settle',
  `UPDATE deliveries SET state = ?, next_at = ?, settled_at = ?, last_error = ?, attempts = attempts - ?
   WHERE id = ? AND attempts = ? AND state = 'pending' RETURNING task, address, n`,
);

/** What waits for it need not be looked at before. */
export const putOffFollowing = changes<[at: number, task: string, address: string, n: number]>(
  'delivery.put_off',
  `UPDATE deliveries SET next_at = max(next_at, ?) WHERE task = ? AND address = ? AND n > ? AND state = 'pending'`,
);

export const dropDeliveries = changes<[delivered: number, dead: number]>(
  'delivery.drop',
  `DELETE FROM deliveries WHERE settled_at <= max(?1, ?2) AND settled_at <= CASE state WHEN 'dead' THEN ?2 ELSE ?1 END`,
);

/** The newest first. NULL stands for any. */
export const listDeliveries = rows<
  StoredDelivery,
  [state: string | null, task: string | null, before: number | null, limit: number]
>(
  'delivery.list',
  `SELECT n, id, task, address, type, state, attempts, next_at, last_error FROM deliveries
   WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR task = ?2) AND (?3 IS NULL OR n < ?3) ORDER BY n DESC LIMIT ?4 + 0`,
);

/** Also one that waits for its next try; not one that was told. Who is at it now is too late with what comes of it only when it is claimed anew. */
export const retryDeliveries = rows<{ id: string }, [now: number, ids: string]>(
  'delivery.retry',
  `UPDATE deliveries SET state = 'pending', attempts = CASE state WHEN 'dead' THEN 0 ELSE attempts END, next_at = ?, settled_at = NULL
   WHERE id IN (SELECT value FROM json_each(?)) AND state <> 'delivered' RETURNING id`,
);

export const retryDead = rows<{ id: string }, [now: number]>(
  'delivery.retry_dead',
  `UPDATE deliveries SET state = 'pending', attempts = 0, next_at = ?, settled_at = NULL
   WHERE state = 'dead' AND settled_at IS NOT NULL RETURNING id`,
);

export const knownDeliveries = rows<{ id: string; state: DeliveryState }, [ids: string]>(
  'delivery.known',
  'SELECT id, state FROM deliveries WHERE id IN (SELECT value FROM json_each(?))',
);

export const isUndelivered = row<{ n: number }, [task: string, since: number]>(
  'delivery.undelivered',
  "SELECT n FROM deliveries WHERE task = ? AND state = 'pending' AND at <= ? LIMIT 1",
);

/** The tasks of those that wait for so long. */
export const undeliveredTasks = rows<TaskRow, [since: number]>(
  'delivery.undelivered_tasks',
  `SELECT ${TASK_COLUMNS} FROM tasks WHERE id IN (
     SELECT task FROM deliveries WHERE state = 'pending' AND at <= ? ORDER BY next_at LIMIT 10000)`,
);

/** Of the tasks that run on workers of this process, those that tell somebody. */
export const runningSequels = rows<{ data: string }, [pid: number, boot: string]>(
  'delivery.running',
  `SELECT s.data FROM workers w JOIN tasks t ON t.worker = w.id JOIN sequels s ON s.task = t.seq
   WHERE w.pid = ? AND w.boot = ? AND t.status = 'running'`,
);

export const originOf = row<{ address: string }, [session: string]>(
  'origin.of',
  'SELECT address FROM origins WHERE session = ?',
);

export const putOrigin = changes<[session: string, address: string, at: number]>(
  'origin.put',
  'INSERT OR REPLACE INTO origins (session, address, at) VALUES (?, ?, ?)',
);

export const dropOrigins = changes<[until: number]>('origin.drop', 'DELETE FROM origins WHERE at <= ?');
