import { keepClock } from '../clock.ts';
import type { Database } from '../database.ts';
import { LEASE, START_LEASE } from '../facts.ts';
import type { EnvValue, WorkerRow } from '../types.ts';
import type { Context, Operation } from './operation.ts';
import { RUNNABLE } from './runnable.ts';

const COLUMNS = `id, boot, pid_ns, time_ns, pid, start_time, host, state, concurrency, max_concurrent, env, folders, recipes,
  lease_until, lease_mono, renewals, started_at, socket, value_key, place, found`;

/** Inserts the row of a worker that is about to be started; it counts as living for `START_LEASE` from the commit. */
export function insertStarting(context: Context, row: WorkerRow): void {
  insertWorker(context, { ...row, state: 'starting' }, START_LEASE);
}

/**
 * Inserts a worker's row, or replaces the one of that id, with a lease of so many milliseconds. It begins with a number
 * of renewals of its own, so that whoever watches the lease sees that it is another one.
 */
function insertWorker({ db, now, mono }: Context, row: WorkerRow, lease: number): void {
  db.run(
    `INSERT OR REPLACE INTO workers (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
       1 + coalesce((SELECT renewals FROM workers WHERE id = ?1), 0), ?, ?, ?, ?, ?)`,
    row.id,
    row.boot,
    row.pid_ns,
    row.time_ns,
    row.pid,
    row.start_time,
    row.host,
    row.state,
    row.concurrency,
    row.max_concurrent,
    JSON.stringify(row.env),
    row.folders ? 1 : 0,
    JSON.stringify(row.recipes),
    now + lease,
    mono + lease,
    row.started_at,
    row.socket ?? null,
    row.value_key ?? null,
    row.place ?? null,
    JSON.stringify(row.found ?? []),
  );
  db.run('DELETE FROM worker_values WHERE worker = ? OR worker NOT IN (SELECT id FROM workers)', row.id);
  holdAll(db, row.id, row.values ?? []);
}

/** From now on the worker has these values. */
export function holdAll(db: Database, worker: string, values: readonly EnvValue[]): void {
  for (const { name, hash } of values) {
    db.run('INSERT OR IGNORE INTO worker_values (worker, name, hash) VALUES (?, ?, ?)', worker, name, hash);
  }
}

export const register: Operation<'register'> = {
  kind: 'write',
  run: (context, { row }) => {
    insertWorker(context, { ...row, state: 'live' }, LEASE);
    keepClock(context);
  },
};

export const spawned: Operation<'spawned'> = {
  kind: 'write',
  silent: true,
  bestEffort: 'upgrade',
  run: ({ db }, { worker, pid, start_time }) => {
    const sql = "UPDATE workers SET pid = ?, start_time = ? WHERE id = ? AND state = 'starting'";
    db.run(sql, pid, start_time, worker);
  },
};

export const renew: Operation<'renew'> = {
  kind: 'write',
  silent: true,
  run: (context, { worker }) => {
    const { db, now, mono } = context;
    const sql = 'UPDATE workers SET lease_until = ?, lease_mono = ?, renewals = renewals + 1 WHERE id = ?';
    db.run(sql, now + LEASE, mono + LEASE, worker);
    keepClock(context);
  },
};

export const stopping: Operation<'stopping'> = {
  kind: 'write',
  silent: true,
  run: ({ db }, { worker }) => {
    db.run("UPDATE workers SET state = 'stopping' WHERE id = ?", worker);
  },
};

export const leave: Operation<'leave'> = {
  kind: 'write',
  silent: true,
  run: ({ db }, { worker, force }) => {
    const busy = db.get(
      `SELECT 1 FROM tasks WHERE worker = ?1 UNION ALL SELECT 1 FROM tasks WHERE ${RUNNABLE} LIMIT 1`,
      worker,
    );
    if (busy && !force) return false;
    db.run('DELETE FROM groups WHERE worker = ?', worker);
    db.run('DELETE FROM workers WHERE id = ?', worker);
    return true;
  },
};

export const addGroup: Operation<'addGroup'> = {
  kind: 'write',
  silent: true,
  run: ({ db }, { worker, group }) => {
    const sql = 'INSERT OR REPLACE INTO groups (worker, pgid, start_time) VALUES (?, ?, ?)';
    db.run(sql, worker, group.pgid, group.start_time);
  },
};

export const useGroup: Operation<'useGroup'> = {
  kind: 'write',
  silent: true,
  run: ({ db }, { worker, pgid, task }) => {
    db.run('UPDATE groups SET task = NULL WHERE worker = ? AND task = ?', worker, task); // another one was noted first
    noteGroup(db, worker, pgid, task);
  },
};

/** From now on the group works for the task. False: it is not stored. */
export const noteGroup = (db: Database, worker: string, pgid: number, task: string): boolean =>
  db.run('UPDATE groups SET task = ? WHERE worker = ? AND pgid = ?', task, worker, pgid).changes > 0;

export const removeGroup: Operation<'removeGroup'> = {
  kind: 'write',
  silent: true,
  run: ({ db }, { worker, pgid }) => {
    db.run('DELETE FROM groups WHERE worker = ? AND pgid = ?', worker, pgid);
  },
};
