/** What waits for a worker that does not live: which tasks, and what such a worker must have. */
import type { Program } from '../ports/backend.ts';
import { missingOf, shownName } from './environment.ts';
import { facts, type WorkerFact } from './facts.ts';
import type { Context } from './operation-context.ts';
import { canRun, needsOf } from './rows/shown.ts';
import { type Kind, waitingKinds } from './sql/stranded.ts';

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

/**
 * The kinds of due tasks that none of these workers can run. Reads all pending tasks once; those of which a comparison
 * shows that a worker runs them, nearly all where one lives, are neither sorted nor judged.
 */
export function* strandedKinds({ now }: Context, workers: readonly WorkerFact[]): Program<Kind[]> {
  const ready = workers.filter(({ claims, row }) => claims && row.state !== 'stopping').map(({ row }) => row);
  const ofFolders = ready.filter(({ folders }) => folders);
  const everywhere = ofFolders.some(({ place }) => place == null);
  const kinds = yield* waitingKinds(
    ofFolders.length,
    everywhere ? 1 : 0,
    JSON.stringify(ofFolders.flatMap(({ place }) => place ?? [])),
    JSON.stringify(ready.flatMap(({ recipes }) => recipes)),
    now,
  );
  const found: Kind[] = [];
  for (const row of kinds) if (!(yield* canRun(workers, needsOf(row)))) found.push(row);
  return found;
}

/** What to tell of them. */
export function* stranded(context: Context): Program<Stranded[]> {
  const { workers } = yield* facts(context);
  const told: Stranded[] = [];
  for (const row of yield* strandedKinds(context, workers)) {
    const needs = needsOf(row);
    const isNeedy = row.code === null && needs.env.length + needs.bound.length > 0;
    told.push({
      tasks: row.tasks,
      task_id: row.id,
      app: row.code,
      env: isNeedy ? (yield* missingOf(workers, needs)).map(shownName) : [],
      bound: needs.bound.length > 0,
    });
  }
  return told;
}
