/** The step that counts ends by what they were; the counts never fall, whatever is cleared. */
import type { Step } from './step.ts';

const CODE = "coalesce(CASE WHEN json_valid(record) THEN record ->> '$.error.code' END, '')";

/** What has ended before this came, as far as it is still there. */
const KNOWN = (tasks: string): string =>
  `SELECT recipe, status, ${CODE} AS code, count(*) FROM ${tasks}
   WHERE status IN ('completed', 'failed', 'cancelled') GROUP BY recipe, status, ${CODE}`;

/** In the order in which they came, so that the first recipes stay the first. */
const SQL = `
CREATE TABLE totals (
  recipe TEXT NOT NULL,
  outcome TEXT NOT NULL,
  code TEXT NOT NULL,
  n INTEGER NOT NULL,
  UNIQUE (recipe, outcome, code)
) STRICT;
INSERT INTO totals (recipe, outcome, code, n) ${KNOWN('tasks')};
`;

export const TOTALS: Step = { sql: SQL, reads: { rows: { totals: KNOWN('main.tasks') } } };
