/** Statements about the events of all tasks in the order of their commits, and about tasks that have gone. */
import type { StoredFeedEvent } from '../types.ts';
import { changes, row, rows } from './statement.ts';

/** So many are told of after they have gone, the newest. */
export const MOST_CLEARED = 10_000;

/** Of no task (0), and with the place that the task had as `seq`. Before its own events go: they may be the newest. */
export const tellCleared = changes<[at: number, seq: number]>(
  'feed.tell_cleared',
  `INSERT INTO events (task, seq, at, kind, data)
   SELECT 0, seq, ?1, 'cleared', json_object('task_id', id) FROM tasks WHERE seq = ?2`,
);

export const clearedBeyond = row<{ n: number }>(
  'feed.cleared_beyond',
  `SELECT n - ${MOST_CLEARED} AS n FROM counts WHERE status = 'cleared' AND n > ${MOST_CLEARED}`,
);

const OLDEST = 'SELECT n FROM events INDEXED BY events_cleared WHERE task = 0 ORDER BY n LIMIT ? + 0';

/** Whoever has read less far than this has missed what was not told any more. */
export const forgetUpTo = changes<[oldest: number]>(
  'feed.forget_up_to',
  `INSERT OR REPLACE INTO meta (key, value) SELECT 'forgotten', CAST(max(n) AS TEXT) FROM (${OLDEST})`,
);

export const dropCleared = changes<[oldest: number]>('feed.drop_cleared', `DELETE FROM events WHERE n IN (${OLDEST})`);

/** What a place in the feed is judged by. */
export interface FeedState {
  /** Null of a file of an older schema, whose events have no lasting numbers. */
  store: string | null;
  forgotten: number;
  /** The number of the newest event. */
  last: number;
}

export const feedState = row<FeedState>(
  'feed.state',
  `SELECT (SELECT value FROM meta WHERE key = 'store_id') AS store,
     coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'forgotten'), 0) AS forgotten,
     coalesce((SELECT max(n) FROM events), 0) AS last`,
);

/** So many events are looked at in one go, whatever a filter hides of them. */
const WINDOW = 10_000;

export const windowEnd = row<{ n: number | null }, [after: number]>(
  'feed.window_end',
  `SELECT max(n) AS n FROM (SELECT n FROM events WHERE n > ? ORDER BY n LIMIT ${WINDOW})`,
);

/** What is told of a task that has ended, and of one that has gone. */
const ENDS = "('completed', 'failed', 'cancelled', 'cleared')";

/** Of what has gone it is told which it was. */
export const endsAfter = rows<{ id: string }, [after: number, limit: number]>(
  'feed.ends_after',
  `SELECT coalesce(t.id, e.data ->> '$.task_id') AS id FROM events e LEFT JOIN tasks t ON t.seq = e.task
   WHERE e.n > ? AND e.kind IN ${ENDS} ORDER BY e.n LIMIT ? + 0`,
);

/** A task that has ended, too, may come twice. */
export const changedAfter = rows<{ id: string; ended: number }, [after: number]>(
  'feed.changed_after',
  `SELECT DISTINCT coalesce(t.id, e.data ->> '$.task_id') AS id, e.kind IN ${ENDS} AS ended
   FROM events e LEFT JOIN tasks t ON t.seq = e.task WHERE e.n > ?`,
);

const COLUMNS = `e.n, e.seq, e.at, e.kind, e.data, t.id AS task, coalesce(t.recipe, '') AS recipe,
     coalesce(t.name, t.recipe, '') AS name`;
const OF_KIND = '(?3 IS NULL OR e.kind IN (SELECT value FROM json_each(?3)))';
const OF_TASKS = '(?4 IS NULL OR t.recipe = ?4) AND (?5 IS NULL OR t.session_id = ?5)';

type Filter = [kinds: string | null, recipe: string | null, session: string | null];

export const feedPage = rows<StoredFeedEvent, [after: number, end: number, ...filter: Filter, limit: number]>(
  'feed.page',
  `SELECT ${COLUMNS} FROM events e LEFT JOIN tasks t ON t.seq = e.task
   WHERE e.n > ?1 AND e.n <= ?2 AND ${OF_KIND} AND (e.task = 0 OR (t.id IS NOT NULL AND ${OF_TASKS}))
   ORDER BY e.n LIMIT ?6 + 0`,
);

/** A task has few events, and within it the numbers grow with `seq`. */
export const feedOfTask = rows<StoredFeedEvent, [task: string, after: number, ...filter: Filter, limit: number]>(
  'feed.of_task',
  `SELECT ${COLUMNS} FROM tasks t JOIN events e ON e.task = t.seq
   WHERE t.id = ?1 AND e.n > ?2 AND ${OF_KIND} AND ${OF_TASKS} ORDER BY e.seq LIMIT ?6 + 0`,
);

/** That it has gone: an id is given once. */
export const clearedTask = row<StoredFeedEvent, [task: string, after: number]>(
  'feed.cleared_task',
  `SELECT n, seq, at, kind, data, NULL AS task, '' AS recipe, '' AS name FROM events INDEXED BY events_cleared
   WHERE task = 0 AND n > ?2 AND data ->> '$.task_id' = ?1`,
);
