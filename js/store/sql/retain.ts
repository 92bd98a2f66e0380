/** Statements that find what may go, rule G3. */
import { row, rows } from './statement.ts';

/** So many at a time, so that no verb waits for a large sweep. */
export const BATCH = 500;

/** A further attempt of its parent is to get it back: without it the work would be done again (rule F3). */
const NEEDED = `child_key IS NOT NULL AND status = 'completed' AND EXISTS (
  SELECT 1 FROM tasks parent WHERE parent.id = tasks.parent_id AND parent.completed_at IS NULL)`;

export const isAnyOutdated = row<object, [now: number]>(
  'retain.any_outdated',
  'SELECT 1 FROM tasks WHERE drop_at <= ? LIMIT 1',
);

export const outdated = rows<{ seq: number; needed: number }, [now: number]>(
  'retain.outdated',
  `SELECT seq, ${NEEDED} AS needed FROM tasks WHERE drop_at <= ? LIMIT ${BATCH}`,
);

/** Completed ones that were read and have no key, the oldest first. The planner would sort all that completed. */
export const spares = rows<{ seq: number }, [limit: number]>(
  'retain.spares',
  `SELECT seq FROM tasks INDEXED BY tasks_spare
   WHERE status = 'completed' AND seen_at IS NOT NULL AND idempotency_key IS NULL AND worker IS NULL
     AND NOT (${NEEDED}) ORDER BY completed_at LIMIT ? + 0`,
);
