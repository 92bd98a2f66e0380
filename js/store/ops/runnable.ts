/** Which tasks a worker can run: the conditions that claims, looks and leaving share. */
import type { Context } from './operation.ts';

/** A pending task counts, delayed ones included, when the worker has the variables it needs. One value: the worker. */
export const RUNNABLE = `status = 'pending' AND (needs IS NULL OR NOT EXISTS (
  SELECT 1 FROM json_each(tasks.needs) WHERE value NOT IN (
    SELECT e.value FROM workers w, json_each(w.env) e WHERE w.id = ?)))`;

/**
 * Those it can start now: due, in time, held by nobody, and their recipe below its own limit over all workers. Values:
 * the worker, now, now. The indexes are named because the planner takes others, which makes a claim quadratic.
 */
export const READY = `tasks INDEXED BY tasks_ready WHERE ${RUNNABLE} AND worker IS NULL
  AND run_at <= ? AND (due_at IS NULL OR due_at > ?)
  AND (max_concurrent IS NULL OR max_concurrent > (
    SELECT count(*) FROM tasks held INDEXED BY tasks_held WHERE held.recipe = tasks.recipe AND held.worker IS NOT NULL))`;

/** Whether the worker may take tasks: it has a row and is not about to leave. */
export const mayClaim = ({ db }: Context, worker: string): boolean => stateOf({ db }, worker) === 'live';

/** The state in a worker's row; undefined without one. */
export const stateOf = ({ db }: Pick<Context, 'db'>, worker: string): string | undefined =>
  db.get<{ state: string }>('SELECT state FROM workers WHERE id = ?', worker)?.state;
