/** Statements about workers, the groups that they lead and the values that they have. */
import type { Row, Value } from '../../ports/backend.ts';
import { changes, row, rows } from './statement.ts';

/** By their ids. */
export const allWorkers = rows<Row>('worker.all', 'SELECT * FROM workers ORDER BY id');

export const stateOfWorker = row<{ state: string }, [id: string]>(
  'worker.state',
  'SELECT state FROM workers WHERE id = ?',
);

/** It begins with a number of renewals of its own, so that whoever watches the lease sees that it is another one. */
export const putWorker = changes<readonly Value[]>(
  'worker.put',
  `INSERT OR REPLACE INTO workers (id, boot, pid_ns, time_ns, pid, start_time, host, state, concurrency, max_concurrent, env,
     folders, recipes, lease_until, lease_mono, renewals, started_at, socket, value_key, place, found)
   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
     1 + coalesce((SELECT renewals FROM workers WHERE id = ?1), 0), ?, ?, ?, ?, ?)`,
);

export const startedAs = changes<[pid: number, startTime: string, id: string]>(
  'worker.started_as',
  "UPDATE workers SET pid = ?, start_time = ? WHERE id = ? AND state = 'starting'",
);

export const renewLease = changes<[until: number, mono: number, id: string]>(
  'worker.renew',
  'UPDATE workers SET lease_until = ?, lease_mono = ?, renewals = renewals + 1 WHERE id = ?',
);

export const stopWorker = changes<[id: string]>('worker.stop', "UPDATE workers SET state = 'stopping' WHERE id = ?");

export const removeWorker = changes<[id: string]>('worker.remove', 'DELETE FROM workers WHERE id = ?');

/** Of any worker but those that have not begun. */
export const lastLease = row<{ at: number | null }>(
  'worker.last_lease',
  "SELECT max(lease_until) AS at FROM workers WHERE state <> 'starting'",
);

/** Which key hashes are made with now. */
export const announceKeyOf = changes<[key: string]>(
  'worker.announce_key',
  'UPDATE workers SET value_key = ?1 WHERE value_key IS NOT ?1',
);

/** Of this worker, and of those that are gone. */
export const forgetValues = changes<[worker: string]>(
  'value.forget',
  'DELETE FROM worker_values WHERE worker = ? OR worker NOT IN (SELECT id FROM workers)',
);

export const holdValue = changes<[worker: string, name: string, hash: string]>(
  'value.hold',
  'INSERT OR IGNORE INTO worker_values (worker, name, hash) VALUES (?, ?, ?)',
);

export const dropValue = changes<[worker: string, name: string, hash: string]>(
  'value.drop',
  'DELETE FROM worker_values WHERE worker = ? AND name = ? AND hash = ?',
);

export const hasValue = row<object, [worker: string, name: string, hash: string]>(
  'value.has',
  'SELECT 1 FROM worker_values WHERE worker = ? AND name = ? AND hash = ?',
);

const IS_LIVE = "status IN ('pending', 'running', 'input_required')";

/** Also of tasks that somebody is still to be told of. */
export const boundOfLive = rows<{ bound: string }>(
  'value.of_live',
  `SELECT DISTINCT bound FROM tasks WHERE bound IS NOT NULL
     AND (${IS_LIVE} OR id IN (SELECT task FROM deliveries WHERE state = 'pending'))`,
);

/** What it took by name of tasks that have ended. */
export const dropTakenByName = changes<[worker: string]>(
  'value.drop_taken',
  `DELETE FROM worker_values WHERE worker = ? AND name = '' AND hash NOT IN (SELECT id FROM tasks WHERE ${IS_LIVE})`,
);

export interface GroupRow {
  pgid: number;
  start_time: string;
}

export const groupsOf = rows<GroupRow, [worker: string]>(
  'group.of_worker',
  'SELECT pgid, start_time FROM groups WHERE worker = ?',
);

/** Those that work for one task. */
export const groupsFor = rows<GroupRow, [worker: string, task: string]>(
  'group.of_task',
  'SELECT pgid, start_time FROM groups WHERE worker = ? AND task = ?',
);

export const putGroup = changes<[worker: string, pgid: number, startTime: string]>(
  'group.put',
  'INSERT OR REPLACE INTO groups (worker, pgid, start_time) VALUES (?, ?, ?)',
);

export const giveGroup = changes<[task: string, worker: string, pgid: number]>(
  'group.give',
  'UPDATE groups SET task = ? WHERE worker = ? AND pgid = ?',
);

/** Those that work for no task: of one that has run something, the end of that is stored. */
export const freeGroups = rows<{ pgid: number }, [worker: string]>(
  'group.free',
  'SELECT pgid FROM groups WHERE worker = ? AND task IS NULL',
);

/** `given`: JSON text of a list of a task and a group, each two in a list. */
export const giveGroups = changes<[worker: string, given: string]>(
  'group.give_all',
  `UPDATE groups SET task = (g.value ->> 0) FROM json_each(?2) g
   WHERE groups.worker = ?1 AND groups.pgid = (g.value ->> 1)`,
);

/** Whatever works for the task. */
export const takeGroup = changes<[worker: string, task: string]>(
  'group.take',
  'UPDATE groups SET task = NULL WHERE worker = ? AND task = ?',
);

export const removeGroupOf = changes<[worker: string, pgid: number]>(
  'group.remove',
  'DELETE FROM groups WHERE worker = ? AND pgid = ?',
);

export const removeGroups = changes<[worker: string]>('group.remove_all', 'DELETE FROM groups WHERE worker = ?');

/** Its process may be given to another task. */
export const releaseGroups = changes<[task: string]>('group.release', 'UPDATE groups SET task = NULL WHERE task = ?');
