/** The tables, as the steps that have made them: how a file of an older schema is brought forward, and read until then. */

import type { Step } from './step.ts';
import { AGENTS, SAID } from './steps-agents.ts';
import { FEED } from './steps-feed.ts';
import { NOTIFY } from './steps-notify.ts';
import { SCHEDULES } from './steps-schedules.ts';
import { SHORT } from './steps-short.ts';
import { TOTALS } from './steps-totals.ts';

/** "offs" in ASCII: tells our files from other SQLite files (sqlite.org/pragma.html#pragma_application_id). */
export const APPLICATION_ID = 0x6f666673;

const FIRST = `
CREATE TABLE tasks (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  record TEXT NOT NULL,
  status TEXT NOT NULL,
  recipe TEXT NOT NULL,
  session_id TEXT,
  parent_id TEXT,
  priority INTEGER NOT NULL,
  head INTEGER NOT NULL,
  run_at INTEGER NOT NULL,
  due_at INTEGER,
  worker TEXT,
  completed_at INTEGER,
  seen_at INTEGER,
  drop_at INTEGER,
  needs TEXT,
  max_concurrent INTEGER,
  event_count INTEGER NOT NULL DEFAULT 0,
  event_bytes INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX tasks_ready ON tasks (priority DESC, head DESC, seq) WHERE status = 'pending' AND worker IS NULL;
CREATE INDEX tasks_later ON tasks (run_at) WHERE status = 'pending';
CREATE INDEX tasks_due ON tasks (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX tasks_drop ON tasks (drop_at) WHERE drop_at IS NOT NULL;
CREATE INDEX tasks_worker ON tasks (worker) WHERE worker IS NOT NULL;
CREATE INDEX tasks_held ON tasks (recipe) WHERE worker IS NOT NULL;
CREATE INDEX tasks_status ON tasks (status, seq);
CREATE INDEX tasks_session ON tasks (session_id, seq) WHERE session_id IS NOT NULL;
CREATE INDEX tasks_recipe ON tasks (recipe, seq);

CREATE TABLE payloads (
  task INTEGER NOT NULL,
  kind TEXT NOT NULL,
  data TEXT NOT NULL,
  UNIQUE (task, kind)
) STRICT;

CREATE TABLE events (
  task INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (task, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE workers (
  id TEXT PRIMARY KEY,
  boot TEXT NOT NULL,
  pid_ns TEXT NOT NULL,
  pid INTEGER NOT NULL,
  start_time TEXT NOT NULL,
  host TEXT NOT NULL,
  state TEXT NOT NULL,
  concurrency INTEGER NOT NULL,
  env TEXT NOT NULL,
  lease_until INTEGER NOT NULL,
  started_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE groups (
  worker TEXT NOT NULL,
  pgid INTEGER NOT NULL,
  start_time TEXT NOT NULL,
  PRIMARY KEY (worker, pgid)
) STRICT, WITHOUT ROWID;

CREATE TABLE counts (status TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO counts VALUES
  ('pending', 0), ('running', 0), ('input_required', 0), ('completed', 0), ('failed', 0), ('cancelled', 0);
CREATE TRIGGER counts_insert AFTER INSERT ON tasks BEGIN
  UPDATE counts SET n = n + 1 WHERE status = new.status;
END;
CREATE TRIGGER counts_update AFTER UPDATE OF status ON tasks WHEN new.status <> old.status BEGIN
  UPDATE counts SET n = n - 1 WHERE status = old.status;
  UPDATE counts SET n = n + 1 WHERE status = new.status;
END;
CREATE TRIGGER counts_delete AFTER DELETE ON tasks BEGIN
  UPDATE counts SET n = n - 1 WHERE status = old.status;
END;
PRAGMA application_id = ${APPLICATION_ID};
`;

/** Slots, sessions, keys, families, steps. A task that ran when this came had a slot and had lent none. */
const SCHEDULING = `
ALTER TABLE tasks ADD COLUMN later INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN waits INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN code TEXT;
ALTER TABLE tasks ADD COLUMN idempotency_key TEXT;
ALTER TABLE tasks ADD COLUMN child_key TEXT;
ALTER TABLE tasks ADD COLUMN slot INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN lent INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN wants INTEGER;
ALTER TABLE tasks ADD COLUMN first_seq INTEGER NOT NULL DEFAULT 1;
UPDATE tasks SET slot = worker IS NOT NULL, later = status = 'pending' AND run_at > 0;

DROP INDEX tasks_ready;
DROP INDEX tasks_later;
DROP INDEX tasks_held;
CREATE INDEX tasks_ready ON tasks (priority DESC, head DESC, seq) WHERE status = 'pending' AND later = 0;
CREATE INDEX tasks_later ON tasks (run_at) WHERE later = 1;
CREATE INDEX tasks_slot ON tasks (recipe) WHERE slot = 1;
CREATE INDEX tasks_answered ON tasks (worker, priority) WHERE head = 1 AND worker IS NOT NULL;
CREATE INDEX tasks_wants ON tasks (wants) WHERE wants IS NOT NULL;
CREATE INDEX tasks_member ON tasks (session_id, seq)
  WHERE session_id IS NOT NULL AND (completed_at IS NULL OR worker IS NOT NULL);
CREATE UNIQUE INDEX tasks_key ON tasks (recipe, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX tasks_parent ON tasks (parent_id) WHERE parent_id IS NOT NULL;

CREATE TABLE family (
  ancestor INTEGER NOT NULL,
  task INTEGER NOT NULL,
  PRIMARY KEY (ancestor, task)
) STRICT, WITHOUT ROWID;
CREATE INDEX family_task ON family (task);

CREATE TABLE steps (
  task INTEGER NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  UNIQUE (task, key)
) STRICT;

INSERT INTO counts VALUES ('abandoned', 0);

ALTER TABLE groups ADD COLUMN task TEXT;
ALTER TABLE workers ADD COLUMN max_concurrent INTEGER;
ALTER TABLE workers ADD COLUMN folders INTEGER NOT NULL DEFAULT 1;
ALTER TABLE workers ADD COLUMN recipes TEXT NOT NULL DEFAULT '[]';
`;

/** Where values were left out of what is stored, and of which variables: JSON text beside the masked one, else NULL. */
const SECRETS = `
ALTER TABLE payloads ADD COLUMN refs TEXT;
ALTER TABLE steps ADD COLUMN refs TEXT;
`;

/** Leases by monotonic clocks, what the workers keep of those, how many bytes of payloads there are and which may go first. */
const CLOCKS = `
ALTER TABLE workers ADD COLUMN time_ns TEXT NOT NULL DEFAULT '';
ALTER TABLE workers ADD COLUMN lease_mono INTEGER NOT NULL DEFAULT 0;
ALTER TABLE workers ADD COLUMN renewals INTEGER NOT NULL DEFAULT 0;
CREATE TABLE clocks (
  boot TEXT NOT NULL,
  time_ns TEXT NOT NULL,
  wall_minus_mono INTEGER NOT NULL,
  confirmed_mono INTEGER NOT NULL,
  rival INTEGER,
  rival_since INTEGER,
  PRIMARY KEY (boot, time_ns)
) STRICT, WITHOUT ROWID;
INSERT INTO counts SELECT 'payload_bytes', coalesce(sum(octet_length(data)), 0) FROM payloads;
CREATE INDEX tasks_spare ON tasks (completed_at)
  WHERE status = 'completed' AND seen_at IS NOT NULL AND idempotency_key IS NULL;
`;

/** Whose environment: what is no secret, hashes of the rest, and which of them a worker has. */
const ENVIRONMENT = `
CREATE TABLE environments (id TEXT PRIMARY KEY, data TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE worker_values (
  worker TEXT NOT NULL,
  name TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (worker, name, hash)
) STRICT, WITHOUT ROWID;
ALTER TABLE tasks ADD COLUMN environment TEXT;
ALTER TABLE tasks ADD COLUMN bound TEXT;
ALTER TABLE tasks ADD COLUMN env_notes TEXT;
ALTER TABLE workers ADD COLUMN socket TEXT;
ALTER TABLE workers ADD COLUMN value_key TEXT;
`;

/** Where the path of a recipe's folder means that folder, and which recipes a worker finds in folders of its own. */
const PLACE = `
ALTER TABLE tasks ADD COLUMN place TEXT;
ALTER TABLE workers ADD COLUMN place TEXT;
ALTER TABLE workers ADD COLUMN found TEXT NOT NULL DEFAULT '[]';
`;

/** What is not started, since its code has changed. */
const CODE = `
ALTER TABLE tasks ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
CREATE INDEX tasks_changed ON tasks (seq) WHERE held = 1;
`;

/** Of a record that cannot be read it is not known. */
const NAME_OF_RECORD = "CASE WHEN json_valid(record) THEN nullif(record ->> '$.name', recipe) END";
const CREATED_BY_RECORD = "CASE WHEN json_valid(record) THEN CAST(record ->> '$.created_at' AS INTEGER) ELSE 0 END";

/** What tasks are listed by: a name of their own, NULL where it is the recipe's, and when they were submitted. */
const LISTING = `
ALTER TABLE tasks ADD COLUMN name TEXT;
ALTER TABLE tasks ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
UPDATE tasks SET name = ${NAME_OF_RECORD}, created_at = coalesce(${CREATED_BY_RECORD}, 0);
CREATE INDEX tasks_name ON tasks (name, seq) WHERE name IS NOT NULL;
CREATE INDEX tasks_created ON tasks (created_at);
`;

/** Tags as they are shown with their task, and the tasks of each in the order of their creation. */
const TAGS = `
ALTER TABLE tasks ADD COLUMN tags TEXT;
CREATE TABLE task_tags (
  tag TEXT NOT NULL,
  task INTEGER NOT NULL,
  PRIMARY KEY (tag, task)
) STRICT, WITHOUT ROWID;
`;

/** Step n brings schema n to n + 1. Never change a step that was released; add one. */
export const STEPS: readonly Step[] = [
  {
    sql: FIRST,
    reads: {
      rows: {
        counts:
          "SELECT column1, 0 FROM (VALUES ('pending'), ('running'), ('input_required'), ('completed'), ('failed'), ('cancelled'))",
      },
    },
  },
  {
    sql: SCHEDULING,
    reads: {
      columns: { tasks: { slot: 'worker IS NOT NULL', later: "status = 'pending' AND run_at > 0" } },
      rows: { counts: "SELECT 'abandoned', 0" },
    },
  },
  SECRETS,
  {
    sql: CLOCKS,
    reads: {
      rows: { counts: "SELECT 'payload_bytes', (SELECT coalesce(sum(octet_length(data)), 0) FROM main.payloads)" },
    },
  },
  ENVIRONMENT,
  PLACE,
  CODE,
  {
    sql: LISTING,
    reads: {
      columns: {
        tasks: {
          name: NAME_OF_RECORD,
          created_at: `coalesce(${CREATED_BY_RECORD}, 0)`,
        },
      },
    },
  },
  TAGS,
  FEED,
  AGENTS,
  SCHEDULES,
  NOTIFY,
  TOTALS,
  SAID,
  SHORT,
];
