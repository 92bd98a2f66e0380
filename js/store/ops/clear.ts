import type { Database } from '../database.ts';
import type { Value } from '../driver.ts';
import { deleteTask, isReadable } from '../rows.ts';
import type { ClearQuery } from '../types.ts';
import type { Operation } from './operation.ts';

/**
 * Removes tasks that are terminal and whose work has ended; a task that still stops is kept. One that is named and whose
 * record is damaged goes too: nobody can run it or end it.
 */
export const clear: Operation<'clear'> = {
  kind: 'write',
  isLook: ({ dryRun }) => dryRun,
  run: ({ db }, query) => {
    const { where, values } = conditions(query);
    const rows = db.all<{ seq: number; id: string }>(
      `SELECT seq, id FROM tasks WHERE ${where} ORDER BY seq`,
      ...values,
    );
    const all = [...rows, ...damaged(db, query.ids ?? [])];
    if (!query.dryRun) for (const { seq } of all) deleteTask(db, seq);
    return all.map(({ id }) => id);
  },
};

function damaged(db: Database, ids: readonly string[]): { seq: number; id: string }[] {
  return db
    .all<{ seq: number; id: string; record: string }>(
      `SELECT seq, id, record FROM tasks
       WHERE id IN (SELECT value FROM json_each(?)) AND completed_at IS NULL AND worker IS NULL ORDER BY seq`,
      JSON.stringify(ids),
    )
    .filter((row) => !isReadable(row));
}

function conditions({ ids, status, endedBefore }: ClearQuery): { where: string; values: Value[] } {
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
  if (endedBefore !== null) {
    where.push('completed_at <= ?');
    values.push(endedBefore);
  }
  return { where: where.join(' AND '), values };
}
