import { agreedNow } from '../clock.ts';
import type { Database } from '../database.ts';
import type { Value } from '../driver.ts';
import { deleteTask, isReadable } from '../rows.ts';
import type { ClearQuery } from '../types.ts';
import type { Context, Operation } from './operation.ts';

/**
 * Removes tasks that are terminal and whose work has ended; a task that still stops is kept. One that is named and whose
 * record is damaged goes too: nobody can run it or end it.
 */
export const clear: Operation<'clear'> = {
  kind: 'write',
  isLook: ({ dryRun }) => dryRun,
  run: (context, query) => {
    const { db } = context;
    const { where, values } = conditions(context, query);
    const rows = db.all<Found>(
      `SELECT seq, id, idempotency_key IS NOT NULL AS keyed FROM tasks WHERE ${where} ORDER BY seq`,
      ...values,
    );
    const all = [...rows, ...damaged(db, query.ids ?? [])];
    if (!query.dryRun) for (const { seq } of all) deleteTask(db, seq);
    return { ids: all.map(({ id }) => id), keys: all.filter(({ keyed }) => keyed === 1).length };
  },
};

interface Found {
  seq: number;
  id: string;
  /** It still has its idempotency key. */
  keyed: number;
}

function damaged(db: Database, ids: readonly string[]): Found[] {
  return db
    .all<Found & { record: string }>(
      `SELECT seq, id, record, idempotency_key IS NOT NULL AS keyed FROM tasks
       WHERE id IN (SELECT value FROM json_each(?)) AND completed_at IS NULL AND worker IS NULL ORDER BY seq`,
      JSON.stringify(ids),
    )
    .filter((row) => !isReadable(row));
}

function conditions(context: Context, { ids, status, olderThan }: ClearQuery): { where: string; values: Value[] } {
  const where = ['completed_at IS NOT NULL', 'worker IS NULL'];
  const values: Value[] = [];
  if (ids !== null) {
    where.push('id IN (SELECT value FROM json_each(?))');
    values.push(JSON.stringify(ids));
  }
  if (status.length > 0) {
    where.push('status IN (SELECT value FROM json_each(?))');
    values.push(JSON.stringify(status));
  }
  if (olderThan !== null) {
    where.push('completed_at <= ?');
    values.push(agreedNow(context) - olderThan);
  }
  return { where: where.join(' AND '), values };
}
