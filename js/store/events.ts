/** Writes a task's events and keeps them within bounds. */
import type { CoreEvent } from '../core/index.ts';
import type { Database } from './database.ts';

/** A task keeps at most this many events, and this many bytes of their data. */
export const MOST_EVENTS = 10_000;
export const MOST_BYTES = 16 * 1024 * 1024;
/** Dropped at a time, whichever comes first, so that a task at its limit does not pay for each event. */
const CHUNK = 500;
const CHUNK_BYTES = 1024 * 1024;

/** How many events a task has, and the bytes of their data; its row counts them. */
export interface Amount {
  events: number;
  bytes: number;
}

export const bytesOf = (events: readonly CoreEvent[]): number =>
  events.reduce((sum, { data }) => sum + Buffer.byteLength(data), 0);

/** Appends events; the caller counts them in the task's row. */
export function insertEvents(db: Database, task: number, events: readonly CoreEvent[]): void {
  for (const { seq, at, kind, data } of events) {
    db.run('INSERT INTO events (task, seq, at, kind, data) VALUES (?, ?, ?, ?, ?)', task, seq, at, kind, data);
  }
}

/** Brings a task back within the bounds: the oldest progress, log and output rows go, the facts of its life stay. */
export function trimEvents(db: Database, task: number, { events, bytes }: Amount): void {
  const dropped = { events: 0, bytes: 0, last: 0 };
  while (events - dropped.events > MOST_EVENTS || bytes - dropped.bytes > MOST_BYTES) {
    const oldest = dropOldest(db, task);
    if (oldest.events === 0) break;
    dropped.events += oldest.events;
    dropped.bytes += oldest.bytes;
    dropped.last = Math.max(dropped.last, oldest.last);
  }
  if (dropped.events === 0) return;
  const sql = `UPDATE tasks SET event_count = event_count - ?, event_bytes = event_bytes - ?,
    first_seq = max(first_seq, ?) WHERE seq = ?`;
  db.run(sql, dropped.events, dropped.bytes, dropped.last + 1, task);
}

function dropOldest(db: Database, task: number): Amount & { last: number } {
  const rows = db.all<{ bytes: number; seq: number }>(
    `DELETE FROM events WHERE task = ?1 AND seq IN (
       SELECT seq FROM (
         SELECT seq, sum(length(CAST(data AS BLOB))) OVER (ORDER BY seq ROWS UNBOUNDED PRECEDING) AS bytes
         FROM (SELECT seq, data FROM events WHERE task = ?1 AND kind IN ('progress', 'log', 'output') ORDER BY seq LIMIT ${CHUNK}))
       WHERE bytes <= ${CHUNK_BYTES})
     RETURNING length(CAST(data AS BLOB)) AS bytes, seq`,
    task,
  );
  const last = rows.reduce((most, { seq }) => Math.max(most, seq), 0);
  return { events: rows.length, bytes: rows.reduce((sum, row) => sum + row.bytes, 0), last };
}
