/** Statements about what a task has told, and the results of its finished steps. */
import { SAID_KINDS } from '../../wire/event.ts';
import type { StoredEvent } from '../types.ts';
import { inserts } from './inserts.ts';
import { changes, row, rows } from './statement.ts';

interface Told {
  seq: number;
  first_seq: number;
  /** There will be no more. */
  over: number;
}

export const toldBy = row<Told, [id: string]>(
  'event.task',
  'SELECT seq, first_seq, completed_at IS NOT NULL AND worker IS NULL AS over FROM tasks WHERE id = ?',
);

export const lastEvent = row<{ seq: number | null }, [task: number]>(
  'event.last',
  'SELECT max(seq) AS seq FROM events WHERE task = ?',
);

/** Never `LIMIT ?` bare: SQLite would prepare it anew each time. */
export const eventsAfter = rows<StoredEvent, [task: number, after: number, limit: number]>(
  'event.after',
  'SELECT seq, at, kind, data FROM events WHERE task = ? AND seq > ? ORDER BY seq LIMIT ? + 0',
);

/** The newest first. */
export const eventsOfSession = rows<StoredEvent & { task: string }, [session: string, limit: number]>(
  'event.of_session',
  `SELECT t.id AS task, e.seq, e.at, e.kind, e.data FROM tasks t JOIN events e ON e.task = t.seq
   WHERE t.session_id = ? ORDER BY e.at DESC, t.seq DESC, e.seq DESC LIMIT ? + 0`,
);

export const cancelledEvent = row<{ data: string }, [id: string]>(
  'event.cancelled',
  `SELECT e.data FROM events e JOIN tasks t ON t.seq = e.task WHERE t.id = ? AND e.kind = 'cancelled'
   ORDER BY e.seq DESC LIMIT 1`,
);

export const stepOf = row<{ data: string; refs: string | null }, [id: string, key: string]>(
  'step.of',
  'SELECT s.data, s.refs FROM steps s JOIN tasks t ON t.seq = s.task WHERE t.id = ? AND s.key = ?',
);

/** What a task has told. */
export type EventRow = readonly [task: number, seq: number, at: number, kind: string, data: string];

/** In order, by which they are numbered. */
export const addEvents = inserts<EventRow>('event.add', 'events (task, seq, at, kind, data)', '(?, ?, ?, ?, ?)');

/** Once: of the execution that it is of, and of no other one. */
export const traceStart = row<{ seq: number }, [trace: string, id: string, epoch: number]>(
  'event.trace',
  `UPDATE events SET data = json_set(data, '$.trace', json(?))
   WHERE (task, seq) = (SELECT e.task, e.seq FROM events e JOIN tasks t ON t.seq = e.task
     WHERE t.id = ? AND e.kind = 'started' ORDER BY e.seq DESC LIMIT 1)
     AND data ->> '$.epoch' = ? AND data ->> '$.trace' IS NULL RETURNING task AS seq`,
);

export const countMore = changes<[bytes: number, task: number]>(
  'event.count_more',
  'UPDATE tasks SET event_bytes = event_bytes + ? WHERE seq = ?',
);

export const deleteEvents = changes<[task: number]>('event.delete', 'DELETE FROM events WHERE task = ?');

/** Dropped at a time, whichever comes first, so that a task at its limit does not pay for each event. */
const CHUNK = 500;
const CHUNK_BYTES = 1024 * 1024;

const SAID = SAID_KINDS.map((kind) => `'${kind}'`).join(', ');

/**
 * The oldest of what its code has said goes, the facts of its life stay. So does the newest event of the store, whatever it
 * is: its number would be given once more.
 */
export const dropOldest = rows<{ bytes: number; seq: number }, [task: number]>(
  'event.drop_oldest',
  `DELETE FROM events WHERE task = ?1 AND seq IN (
     SELECT seq FROM (
       SELECT seq, sum(length(CAST(data AS BLOB))) OVER (ORDER BY seq ROWS UNBOUNDED PRECEDING) AS bytes
       FROM (SELECT seq, data FROM events WHERE task = ?1 AND kind IN (${SAID}) AND n < (SELECT max(n) FROM events)
             ORDER BY seq LIMIT ${CHUNK}))
     WHERE bytes <= ${CHUNK_BYTES})
   RETURNING length(CAST(data AS BLOB)) AS bytes, seq`,
);

export const countDropped = changes<[events: number, bytes: number, first: number, task: number]>(
  'event.count_dropped',
  `UPDATE tasks SET event_count = event_count - ?, event_bytes = event_bytes - ?,
   first_seq = max(first_seq, ?) WHERE seq = ?`,
);
