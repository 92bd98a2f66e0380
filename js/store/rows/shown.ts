/** What a reader is shown of a task, and whether anybody can run it. */
import type { Program } from '../../ports/backend.ts';
import { type EnvNeeds, hasEnvironment, missingOf } from '../environment.ts';
import type { Facts, WorkerFact } from '../facts.ts';
import { isUndelivered } from '../sql/deliveries.ts';
import { usageBelow } from '../sql/family.ts';
import type { PayloadKind, StoredTask, WorkerRow } from '../types.ts';
import { boundOf } from './bound.ts';
import { readPayloads } from './payloads.ts';
import type { TaskRow } from './task.ts';
import { isTold } from './told-of.ts';

/** Milliseconds after which an operator is to see to what nobody could be told. */
export const UNDELIVERED_AFTER = 600_000;

/** Adds to a row what a reader needs. */
export function* storedTask(row: TaskRow, kinds: readonly PayloadKind[], { workers, now }: Facts): Program<StoredTask> {
  const owner = row.worker === null ? undefined : workers.find(({ row: { id } }) => id === row.worker);
  const needs = needsOf(row);
  const runnable = (yield* canRun(workers, needs)) || (row.status === 'pending' && owner?.claims === true);
  const stranded = row.status === 'pending' && !runnable && row.code === null;
  return {
    id: row.id,
    status: row.status,
    record: row.record,
    payloads: yield* readPayloads(row.seq, kinds),
    seen: row.seen_at !== null,
    drop_at: row.drop_at,
    tags: row.tags === null ? [] : JSON.parse(row.tags),
    below: kinds.includes('result') ? (yield* usageBelow(row.seq)).map(({ usage }) => usage) : [],
    worker: owner?.row ?? null,
    owner: row.worker === null ? 'unknown' : owner === undefined || !owner.alive ? 'gone' : 'alive',
    runnable,
    missing: stranded ? yield* missingOf(workers, needs) : [],
    undelivered: isTold(row.record) && (yield* isUndelivered(row.id, now - UNDELIVERED_AFTER)) !== undefined,
    bound: needs.bound.length > 0,
  };
}

/** Without what its submitter knows. */
export const small = (task: StoredTask): StoredTask => (task.deduplicated ? task : { ...task, record: '' });

/** What a worker must have to run a task. */
export interface Needs extends EnvNeeds {
  /** The recipe in code; null: a folder's. */
  code: string | null;
  /** Where the path of the recipe's folder means that folder; null: not said. */
  place: string | null;
  recipe: string;
}

export function needsOf(row: Pick<TaskRow, 'id' | 'needs' | 'code' | 'bound' | 'place' | 'recipe'>): Needs {
  const { id, needs, code, bound, place, recipe } = row;
  return { id, env: needs === null ? [] : JSON.parse(needs), code, bound: boundOf(bound), place, recipe };
}

/** Whether some living worker can run it; `sql/conditions.ts` asks the same in SQL. */
export function* canRun(workers: readonly Pick<WorkerFact, 'row' | 'claims'>[], needs: Needs): Program<boolean> {
  for (const { claims, row } of workers) {
    if (claims && row.state !== 'stopping' && serves(row, needs) && (yield* hasEnvironment(row, needs))) return true;
  }
  return false;
}

const serves = (row: WorkerRow, needs: Needs): boolean =>
  needs.code === null ? row.folders && reaches(row, needs) : row.recipes.includes(needs.code);

/** Whether the worker can have the recipe's folder: by its path, or by its name in a folder of its own. */
const reaches = ({ place, found }: WorkerRow, task: Needs): boolean =>
  task.place === null || place == null || place === task.place || (found ?? []).includes(task.recipe);
