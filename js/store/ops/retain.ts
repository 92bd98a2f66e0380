/**
 * Drops records, rule G3. A process whose wall clock is not to be trusted drops none; live and stopping ones have no
 * `drop_at` and are no spare ones.
 */
import { isTrusted } from '../clock.ts';
import { bytesOfTask, deleteTask } from '../rows.ts';
import { SCHEMA } from '../schema.ts';
import type { Context } from './operation.ts';

/** How many one call drops at most, so that no verb waits for a large sweep. */
const BATCH = 500;

/** Beyond so many ended records, or bytes of payloads, spare ones go before their time. */
const MOST_ENDED = 100_000;
const MOST_BYTES = 2 ** 30;

/** Whether there is something to drop. */
export function hasOutdated(context: Context): boolean {
  const { db, now } = context;
  if (db.version < SCHEMA) return false; // reading it drops nothing, and it has not every index
  const outdated = db.get('SELECT 1 FROM tasks WHERE drop_at <= ? LIMIT 1', now) !== undefined;
  return (outdated || (isOver(excess(context)) && spares(context, 1).length > 0)) && isTrusted(context);
}

/** Drops what is outdated, then spare ones while there are too many. Answers how many it looked at. */
export function dropOutdated(context: Context): number {
  return isTrusted(context) ? drop(context) + dropSpares(context) : 0;
}

/** A further attempt of its parent is to get it back: without it the work would be done again (rule F3). */
const NEEDED = `child_key IS NOT NULL AND status = 'completed' AND EXISTS (
  SELECT 1 FROM tasks parent WHERE parent.id = tasks.parent_id AND parent.completed_at IS NULL)`;

function drop({ db, now }: Context): number {
  const rows = db.all<{ seq: number; needed: number }>(
    `SELECT seq, ${NEEDED} AS needed FROM tasks WHERE drop_at <= ? LIMIT ${BATCH}`,
    now,
  );
  for (const { seq, needed } of rows) {
    if (needed) db.run('UPDATE tasks SET drop_at = ? WHERE seq = ?', now + KEPT_FOR_PARENT, seq);
    else deleteTask(db, seq);
  }
  return rows.length;
}

/** Milliseconds after which it is looked again whether the parent of a child with a key has ended. */
const KEPT_FOR_PARENT = 600_000;

/** What is too much. */
interface Excess {
  records: number;
  bytes: number;
}

function excess({ db }: Context): Excess {
  const row = db.get<Excess>(
    `SELECT sum(n) FILTER (WHERE status IN ('completed', 'failed', 'cancelled')) - ${MOST_ENDED} AS records,
       sum(n) FILTER (WHERE status = 'payload_bytes') - ${MOST_BYTES} AS bytes FROM counts`,
  );
  return { records: row?.records ?? 0, bytes: row?.bytes ?? 0 };
}

const isOver = ({ records, bytes }: Excess): boolean => records > 0 || bytes > 0;

/** Completed ones that were read and have no key, the oldest first. The planner would sort all that completed. */
function spares({ db }: Context, limit: number): number[] {
  const rows = db.all<{ seq: number }>(
    `SELECT seq FROM tasks INDEXED BY tasks_spare
     WHERE status = 'completed' AND seen_at IS NOT NULL AND idempotency_key IS NULL AND worker IS NULL
       AND NOT (${NEEDED}) ORDER BY completed_at LIMIT ? + 0`,
    limit,
  );
  return rows.map(({ seq }) => seq);
}

function dropSpares(context: Context): number {
  const left = excess(context);
  if (!isOver(left)) return 0;
  let dropped = 0;
  for (const seq of spares(context, BATCH)) {
    if (!isOver(left)) break;
    left.bytes -= bytesOfTask(context.db, seq);
    left.records -= 1;
    deleteTask(context.db, seq);
    dropped += 1;
  }
  return dropped;
}
