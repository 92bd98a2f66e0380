/** The step that keeps what somebody is to be told of tasks, until he was. */

/**
 * `n`: the order in which it came about; `task` is an id, as the task may be gone. Of a pending one `next_at` says when it may be
 * tried: one that is being tried is claimed until then.
 */
const DELIVERIES = `
CREATE TABLE deliveries (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  task TEXT NOT NULL,
  address TEXT NOT NULL,
  channel TEXT NOT NULL,
  type TEXT NOT NULL,
  body TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending',
  attempts INTEGER NOT NULL DEFAULT 0,
  at INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  settled_at INTEGER,
  last_error TEXT
) STRICT;
CREATE INDEX deliveries_pending ON deliveries (next_at) WHERE state = 'pending';
CREATE INDEX deliveries_task ON deliveries (task, address, n);
CREATE INDEX deliveries_settled ON deliveries (settled_at) WHERE settled_at IS NOT NULL;
`;

/** From which channel the last task of a session was asked for. */
const ORIGINS = `
CREATE TABLE origins (
  session TEXT PRIMARY KEY,
  address TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX origins_at ON origins (at);
`;

export const NOTIFY = DELIVERIES + ORIGINS;
