/** The step that keeps what is to be submitted by itself when its time has come. */

/**
 * `next_at`: the moment that is next; `due_at`: when it is to be submitted, with what it is spread by, NULL unless it is active.
 * `queued`: moments that wait for the end of a task before, JSON text, else NULL. `runner`: whoever it is for, a worker of folders,
 * one that has the recipe in code, or a loop. `epoch` grows with every change, and fences them.
 */
export const SCHEDULES = `
CREATE TABLE schedules (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL,
  runner TEXT NOT NULL,
  code TEXT,
  data TEXT NOT NULL,
  epoch INTEGER NOT NULL DEFAULT 1,
  next_at INTEGER,
  due_at INTEGER,
  queued TEXT,
  tasks TEXT NOT NULL DEFAULT '[]',
  last_at INTEGER,
  last_task TEXT,
  last_error TEXT,
  fired INTEGER NOT NULL DEFAULT 0,
  skipped INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0,
  owner TEXT,
  lease_until INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX schedules_due ON schedules (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX schedules_queued ON schedules (id) WHERE queued IS NOT NULL;
`;
