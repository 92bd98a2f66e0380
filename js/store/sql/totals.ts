/** Statements about what tasks came to, and about what is measured of the store as a whole. */
import { changes, row, rows } from './statement.ts';

/** `more`: JSON text, a list of `[recipe, outcome, code, n]`. */
export const addToTotals = changes<[more: string]>(
  'total.add',
  `INSERT INTO totals (recipe, outcome, code, n)
   SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?) WHERE true
   ON CONFLICT (recipe, outcome, code) DO UPDATE SET n = n + excluded.n`,
);

export interface Total {
  recipe: string;
  outcome: string;
  code: string;
  n: number;
}

export const allTotals = rows<Total>('total.all', 'SELECT recipe, outcome, code, n FROM totals ORDER BY rowid');

/** When the task that has waited longest could have started; what is to start later waits for nobody. */
export const oldestPending = row<{ at: number | null }>(
  'measure.oldest_pending',
  "SELECT min(max(created_at, run_at)) AS at FROM tasks WHERE stand = 'ready'",
);

export const consumerLags = rows<{ name: string; lag: number }>(
  'measure.lags',
  `SELECT name, max(0, (SELECT coalesce(max(n), 0) FROM events) - CAST(substr(cursor, instr(cursor, '.') + 1) AS INTEGER)) AS lag
   FROM consumers ORDER BY name`,
);

export const deliveriesByState = rows<{ state: string; n: number }>(
  'measure.deliveries',
  'SELECT state, count(*) AS n FROM deliveries GROUP BY state ORDER BY state',
);

export const schedulesByState = rows<{ state: string; n: number }>(
  'measure.schedules',
  'SELECT state, count(*) AS n FROM schedules GROUP BY state ORDER BY state',
);

const ENDS = "('completed', 'failed', 'cancelled', 'retry_scheduled', 'lease_lost', 'input_requested')";

/** What an event says of the time before it: what came before, and when. */
const BEFORE = (kinds: string): string =>
  `(SELECT b.n FROM events b WHERE b.task = e.task AND b.seq < e.seq AND b.kind IN ${kinds} ORDER BY b.seq DESC LIMIT 1)`;

/** Milliseconds that attempts ran until something of them was decided, of those in which that was between two places. */
export const durationsBetween = rows<{ recipe: string; ms: number }, [after: number, end: number]>(
  'measure.durations',
  `SELECT t.recipe, max(0, e.at - s.at) AS ms FROM events e JOIN tasks t ON t.seq = e.task
   JOIN events s ON s.n = ${BEFORE(`('started', ${ENDS.slice(1)}`)} AND s.kind = 'started'
   WHERE e.n > ? AND e.n <= ? AND e.kind IN ${ENDS}`,
);

/** Milliseconds that attempts waited to start, from when they were due. What goes on after an answer did not wait. */
export const queuesBetween = rows<{ recipe: string; ms: number }, [after: number, end: number]>(
  'measure.queues',
  `SELECT t.recipe, max(0, e.at - max(s.at, coalesce(s.data ->> '$.run_at', 0))) AS ms
   FROM events e JOIN tasks t ON t.seq = e.task
   JOIN events s ON s.n = ${BEFORE("('submitted', 'retry_scheduled')")}
   WHERE e.n > ? AND e.n <= ? AND e.kind = 'started' AND NOT (e.data ->> '$.resume')`,
);
