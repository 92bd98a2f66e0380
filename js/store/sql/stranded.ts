/** Which kinds of tasks wait. */
import type { TaskRow } from '../rows/task.ts';
import { rows } from './statement.ts';

/** Tasks that the same workers can run. */
export interface Kind extends Pick<TaskRow, 'id' | 'needs' | 'code' | 'bound' | 'place' | 'recipe'> {
  kind: string;
  tasks: number;
}

/** What tells whether a worker can run it; where its folder lies counts only with the place. */
export const KIND = "json_array(needs, code, bound, place, iif(place IS NULL, '', recipe))";

/** Pending, and not held back for another reason. */
export const WAITS = "status = 'pending' AND stand <> 'held'";

const IS_REACHED = `(?1 > 0 AND (place IS NULL OR ?2 OR place IN (SELECT value FROM json_each(?3))))`;
const IS_SERVED = 'code IN (SELECT value FROM json_each(?4))';

/**
 * Due ones but for those of which a comparison shows that a worker runs them: `folders` say that they run folders,
 * `everywhere` that one of them is of no place, else of these; `codes` are served. The lists are JSON text.
 */
export const waitingKinds = rows<
  Kind,
  [folders: number, everywhere: number, places: string, codes: string, now: number]
>(
  'stranded.kinds',
  `SELECT min(id) AS id, needs, code, bound, place, recipe, ${KIND} AS kind, count(*) AS tasks FROM tasks
   WHERE ${WAITS} AND run_at <= ?5
     AND NOT (needs IS NULL AND bound IS NULL AND iif(code IS NULL, ${IS_REACHED}, ${IS_SERVED}))
   GROUP BY kind`,
);
