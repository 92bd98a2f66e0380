/** The step that keeps what agents said in sessions, and what comes of the end of a task. */

/** What was asked and answered in a session, for whoever goes on with it: longer than its tasks are kept. */
const EXCHANGES = `
CREATE TABLE exchanges (
  n INTEGER PRIMARY KEY,
  session TEXT NOT NULL,
  task TEXT NOT NULL,
  prompt TEXT NOT NULL,
  answer TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX exchanges_session ON exchanges (session, n);
CREATE INDEX exchanges_at ON exchanges (at);
`;

/** What is to happen in the commit of a task's end: of few tasks. \`woke\`: the task that tells whoever is to be woken. */
const SEQUELS = `
CREATE TABLE sequels (
  task INTEGER PRIMARY KEY,
  data TEXT NOT NULL,
  wakes TEXT,
  woke INTEGER
) STRICT;
CREATE INDEX sequels_woke ON sequels (wakes, woke) WHERE woke IS NOT NULL;
`;

export const AGENTS = EXCHANGES + SEQUELS;

/** What stands between a prompt and its answer: uses of tools, JSON text; NULL: none. */
export const SAID = 'ALTER TABLE exchanges ADD COLUMN said TEXT;';
