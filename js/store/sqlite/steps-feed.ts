/** The step that gives the events of a store one order. */
import type { Step } from './step.ts';

/** What a task has one of. */
const ENDS = "('completed', 'failed', 'cancelled')";

/** Commits of the versions before have left no order but that of the clock; within a task time never runs backwards. */
const NUMBERED = 'row_number() OVER (ORDER BY at, task, seq) AS n, task, seq';

/**
 * Events get a number over the whole store; of a file with two ends of a task, which no version writes, the first one stays.
 * They are numbered apart from what they hold: sorted whole, a large file would have to fit in memory.
 */
const EVENTS = `
CREATE TABLE numbered (
  n INTEGER PRIMARY KEY,
  task INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  data TEXT NOT NULL,
  UNIQUE (task, seq)
) STRICT;
CREATE UNIQUE INDEX events_end ON numbered (task) WHERE kind IN ${ENDS};
CREATE INDEX events_cleared ON numbered (task) WHERE task = 0;
INSERT OR IGNORE INTO numbered (n, task, seq, at, kind, data)
  SELECT o.n, e.task, e.seq, e.at, e.kind, e.data FROM (SELECT ${NUMBERED} FROM events) o
  CROSS JOIN events e ON e.task = o.task AND e.seq = o.seq;
DROP TABLE events;
ALTER TABLE numbered RENAME TO events;
INSERT INTO counts VALUES ('cleared', 0);
DROP TRIGGER counts_insert;
DROP TRIGGER counts_update;
DROP TRIGGER counts_delete;
`;

/** Somebody may still write what becomes of it. */
const IS_OPEN = '(completed_at IS NULL OR worker IS NOT NULL)';

/** How many times the task was started; of a record that cannot be read it is not known, of what is over it does not matter. */
const EPOCH = `CASE WHEN ${IS_OPEN} AND json_valid(record) THEN coalesce(CAST(record ->> '$.epoch' AS INTEGER), 0) ELSE 0 END`;

/**
 * Where a pending task stands: among those that can be started, waiting for its time, or held since its code has changed. A
 * claim lets those in whose time has come.
 */
const STAND = `CASE WHEN status <> 'pending' THEN NULL WHEN held = 1 THEN 'held' WHEN later = 1 THEN 'later' ELSE 'ready' END`;

/** What `stand` says instead of `later` and `held`; the two stay unread, as dropping them would write every task anew. */
const STANDS = `
ALTER TABLE tasks ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN stand TEXT;
UPDATE tasks SET epoch = ${EPOCH}, stand = ${STAND} WHERE ${IS_OPEN};
DROP INDEX tasks_ready;
DROP INDEX tasks_later;
DROP INDEX tasks_changed;
CREATE INDEX tasks_ready ON tasks (priority DESC, head DESC, seq) WHERE stand = 'ready';
CREATE INDEX tasks_later ON tasks (run_at) WHERE stand = 'later';
CREATE INDEX tasks_held ON tasks (seq) WHERE stand = 'held';
`;

/** 16 hex digits. */
export const NEW_ID = 'lower(hex(randomblob(8)))';

/** Which store it is, who reads its events and up to where, and which requests were answered. */
const READERS = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('store_id', ${NEW_ID});
CREATE TABLE consumers (
  name TEXT PRIMARY KEY,
  cursor TEXT NOT NULL,
  owner TEXT,
  epoch INTEGER NOT NULL DEFAULT 0,
  lease_until INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE requests (
  key TEXT PRIMARY KEY,
  digest TEXT NOT NULL,
  answer TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX requests_at ON requests (at);
`;

/** Counted only where it is asked for. */
const OF_EVENT = 'WHERE o.task = events.task AND o.seq = events.seq';

/**
 * Of an older file the numbers are those of this very moment, since another version may still write it: it has no id, so
 * that no cursor can be kept.
 */
export const FEED: Step = {
  sql: EVENTS + STANDS + READERS,
  reads: {
    columns: {
      tasks: { epoch: EPOCH, stand: STAND },
      events: { n: `(SELECT n FROM (SELECT ${NUMBERED} FROM main.events) o ${OF_EVENT})` },
    },
    rows: { counts: "SELECT 'cleared', 0" },
  },
};
