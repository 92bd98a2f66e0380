/** What waits for a worker that does not live: which tasks, and what such a worker must have. */
import type { Moment } from './clock.ts';
import { missingOf, shownName } from './environment.ts';
import { facts } from './facts.ts';
import { canRun, needsOf, type TaskRow } from './rows.ts';

/** Pending tasks that are due, and that no living worker can run, of one kind. */
export interface Stranded {
  tasks: number;
  /** One of them. */
  task_id: string;
  /** The recipe in code that an app has to serve; null: a folder's. */
  app: string | null;
  /** Names of variables that no living worker has, or not with the values that they were submitted with. */
  env: readonly string[];
  /** They are bound to values, not only names. */
  bound: boolean;
}

type Kind = Pick<TaskRow, 'id' | 'needs' | 'code' | 'bound' | 'place' | 'recipe'> & { n: number };

/** Reads all pending tasks. */
export function stranded(moment: Moment): Stranded[] {
  const { db, now } = moment;
  const { workers } = facts(moment);
  return db
    .all<Kind>(
      `SELECT min(id) AS id, needs, code, bound, place, recipe, count(*) AS n FROM tasks
       WHERE status = 'pending' AND held = 0 AND run_at <= ?
       GROUP BY needs, code, bound, place, iif(place IS NULL, '', recipe)`,
      now,
    )
    .filter((row) => !canRun(db, workers, needsOf(row)))
    .map((row) => {
      const needs = needsOf(row);
      const needed = needs.env.length + needs.bound.length > 0;
      return {
        tasks: row.n,
        task_id: row.id,
        app: row.code,
        env: row.code === null && needed ? missingOf(db, workers, needs).map(shownName) : [],
        bound: needs.bound.length > 0,
      };
    });
}
