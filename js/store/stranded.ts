/** What waits for a worker that does not live: which tasks, and what such a worker must have. */
import type { Moment } from './clock.ts';
import { missingOf, shownName } from './environment.ts';
import { facts, type WorkerFact } from './facts.ts';
import { canRun, needsOf, type TaskRow } from './rows.ts';

/** Pending tasks that no living worker can run, of one kind. */
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

/** Tasks that the same workers can run. */
export interface Kind extends Pick<TaskRow, 'id' | 'needs' | 'code' | 'bound' | 'place' | 'recipe'> {
  kind: string;
  tasks: number;
}

/** What tells whether a worker can run it; where its folder lies counts only with the place. */
export const KIND = "json_array(needs, code, bound, place, iif(place IS NULL, '', recipe))";

/** Pending, and not held back for another reason. */
export const WAITS = "status = 'pending' AND held = 0";

/**
 * The kinds of due tasks that none of these workers can run. Reads all pending tasks once; those of which a comparison
 * shows that a worker runs them, nearly all where one lives, are neither sorted nor judged.
 */
export function strandedKinds({ db, now }: Moment, workers: readonly WorkerFact[]): Kind[] {
  const ready = workers.filter(({ claims, row }) => claims && row.state !== 'stopping').map(({ row }) => row);
  const ofFolders = ready.filter(({ folders }) => folders);
  const everywhere = ofFolders.some(({ place }) => place == null);
  const isReached = `(?1 > 0 AND (place IS NULL OR ?2 OR place IN (SELECT value FROM json_each(?3))))`;
  const isServed = 'code IN (SELECT value FROM json_each(?4))';
  return db
    .all<Kind>(
      `SELECT min(id) AS id, needs, code, bound, place, recipe, ${KIND} AS kind, count(*) AS tasks FROM tasks
       WHERE ${WAITS} AND run_at <= ?5
         AND NOT (needs IS NULL AND bound IS NULL AND iif(code IS NULL, ${isReached}, ${isServed}))
       GROUP BY kind`,
      ofFolders.length,
      everywhere ? 1 : 0,
      JSON.stringify(ofFolders.flatMap(({ place }) => place ?? [])),
      JSON.stringify(ready.flatMap(({ recipes }) => recipes)),
      now,
    )
    .filter((row) => !canRun(db, workers, needsOf(row)));
}

/** What to tell of them. */
export function stranded(moment: Moment): Stranded[] {
  const { workers } = facts(moment);
  return strandedKinds(moment, workers).map((row) => {
    const needs = needsOf(row);
    const isNeedy = row.code === null && needs.env.length + needs.bound.length > 0;
    return {
      tasks: row.tasks,
      task_id: row.id,
      app: row.code,
      env: isNeedy ? missingOf(moment.db, workers, needs).map(shownName) : [],
      bound: needs.bound.length > 0,
    };
  });
}
