/** Statements about the events of all tasks in the order of their commits, and about tasks that have gone. */
import { changes, row } from './statement.ts';

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
