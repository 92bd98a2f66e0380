/** Writes a task's events and keeps them within bounds. */
import type { CoreEvent } from '../core/index.ts';
import type { Database } from './database.ts';

/** A task keeps at most this many events, and this many bytes of their data. */
export const MOST_EVENTS = 10_000;
export const MOST_BYTES = 16 * 1024 * 1024;
/** Dropped at a time, so that a task at its limit does not pay for each event. */
const CHUNK = 500;

/** Appends events. Beyond the bounds the oldest progress, log and output rows go; the facts of its life stay. */
export function appendEvents(db: Database, task: number, events: readonly CoreEvent[]): void {
  for (const { seq, at, kind, data } of events) {
    db.run('INSERT INTO events (task, seq, at, kind, data) VALUES (?, ?, ?, ?, ?)', task, seq, at, kind, data);
  }
  const bytes = events.reduce((sum, { data }) => sum + data.length, 0);
  let kept = count(db, task, events.length, bytes);
  while (kept.events > MOST_EVENTS || kept.bytes > MOST_BYTES) {
    const dropped = dropOldest(db, task);
    if (dropped.events === 0) return;
    kept = count(db, task, -dropped.events, -dropped.bytes);
  }
}

interface Amount {
  events: number;
  bytes: number;
}

function count(db: Database, task: number, events: number, bytes: number): Amount {
  const row = db.get<Amount>(
    `UPDATE tasks SET event_count = event_count + ?, event_bytes = event_bytes + ? WHERE seq = ?
     RETURNING event_count AS events, event_bytes AS bytes`,
    events,
    bytes,
    task,
  );
  return row ?? { events: 0, bytes: 0 };
}

function dropOldest(db: Database, task: number): Amount {
  const rows = db.all<{ bytes: number }>(
    `DELETE FROM events WHERE task = ? AND seq IN (
       SELECT seq FROM events WHERE task = ? AND kind IN ('progress', 'log', 'output') ORDER BY seq LIMIT ${CHUNK})
     RETURNING length(data) AS bytes`,
    task,
    task,
  );
  return { events: rows.length, bytes: rows.reduce((sum, row) => sum + row.bytes, 0) };
}
