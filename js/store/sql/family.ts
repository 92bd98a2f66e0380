/** Statements about parents and children. `family` holds a row for each ancestor of a task. */
import type { TaskRow } from '../rows/task.ts';
import { changes, row, rows } from './statement.ts';
import { TASK_COLUMNS } from './tasks.ts';

export const liveBelow = rows<TaskRow, [ancestor: number]>(
  'family.live_below',
  `SELECT ${TASK_COLUMNS} FROM tasks WHERE seq IN (SELECT task FROM family WHERE ancestor = ?)
   AND completed_at IS NULL ORDER BY seq`,
);

export const unkeyedChildren = rows<TaskRow, [parent: string]>(
  'family.unkeyed_children',
  `SELECT ${TASK_COLUMNS} FROM tasks WHERE parent_id = ? AND child_key IS NULL AND completed_at IS NULL ORDER BY seq`,
);

export const childOfKey = row<TaskRow, [parent: string, key: string]>(
  'family.child_of_key',
  `SELECT ${TASK_COLUMNS} FROM tasks
   WHERE parent_id = ? AND child_key = ? AND status NOT IN ('failed', 'cancelled') ORDER BY seq DESC LIMIT 1`,
);

export const depthOf = row<{ n: number }, [task: number]>(
  'family.depth',
  'SELECT count(*) AS n FROM family WHERE task = ?',
);

/** What its descendants have used, as their records say; of a damaged one nothing is known. */
export const usageBelow = rows<{ usage: string }, [ancestor: number]>(
  'family.usage_below',
  `SELECT json_extract(record, '$.usage') AS usage FROM tasks WHERE seq IN (SELECT task FROM family WHERE ancestor = ?)
   AND CASE WHEN json_valid(record) THEN json_extract(record, '$.usage') END IS NOT NULL`,
);

/** All ancestors of its parent, and the parent. */
export const addToFamily = changes<[child: number, parent: number]>(
  'family.add',
  'INSERT INTO family (ancestor, task) SELECT ancestor, ?1 FROM family WHERE task = ?2 UNION ALL SELECT ?2, ?1',
);

/** So many relatives come with a page at most. */
export const RELATIVES = 1_000;

/** Ancestors and descendants of those, one more than may be shown. `shown`: JSON text of a list. */
export const relativesOf = rows<TaskRow, [shown: string]>(
  'family.relatives',
  `WITH shown AS MATERIALIZED (SELECT value AS seq FROM json_each(?))
   SELECT ${TASK_COLUMNS} FROM tasks WHERE seq IN (
     SELECT ancestor FROM family WHERE task IN (SELECT seq FROM shown)
     UNION SELECT task FROM family WHERE ancestor IN (SELECT seq FROM shown)
     EXCEPT SELECT seq FROM shown)
   ORDER BY seq LIMIT ${RELATIVES + 1}`,
);
