import type { Context } from './operation.ts';

/** A pending task counts, delayed ones included, when the worker has the variables it needs. */
export const RUNNABLE = `status = 'pending' AND (needs IS NULL OR NOT EXISTS (
  SELECT 1 FROM json_each(tasks.needs) WHERE value NOT IN (
    SELECT e.value FROM workers w, json_each(w.env) e WHERE w.id = ?)))`;

/** What it can start now: due, held by nobody, and its recipe below its own limit over all workers. */
export const READY = `${RUNNABLE} AND worker IS NULL AND run_at <= ? AND (max_concurrent IS NULL OR max_concurrent > (
  SELECT count(*) FROM tasks held WHERE held.recipe = tasks.recipe AND held.worker IS NOT NULL))`;

export const isRegistered = ({ db }: Context, worker: string): boolean =>
  db.get('SELECT 1 FROM workers WHERE id = ?', worker) !== undefined;
