/** Inserts a task. The other writers of a task's columns are `decided.ts` and, for lent slots, `ops/lend.ts`. */
import type { Decided } from '../../core/index.ts';
import type { Program } from '../../ports/backend.ts';
import { addTags, insertTaskRow } from '../sql/writes.ts';
import type { EnvValue } from '../types.ts';
import { boundText } from './bound.ts';
import { writeDecided } from './decided.ts';
import type { TaskRow } from './task.ts';

/** What a task is inserted with beside its record. */
export interface Placing {
  needs: readonly string[];
  maxConcurrent: number | null;
  code: string | null;
  binding: { environment: string; values: readonly EnvValue[] } | null;
  place: string | null;
  /** It starts when the earlier tasks of its session are gone. */
  waits: boolean;
  childKey: string | null;
  tags?: readonly string[] | undefined;
  /** As the record says. */
  createdAt: number;
}

/** Inserts a new task. */
export function* insertTask(id: string, decided: Decided, task: Placing): Program<TaskRow> {
  const needs = task.needs.length > 0 ? JSON.stringify(task.needs) : null;
  const environment = task.binding?.environment ?? null;
  const bound = boundText(task.binding?.values ?? []);
  const tags = task.tags === undefined || task.tags.length === 0 ? null : JSON.stringify(task.tags);
  const { code, place } = task;
  const { recipe, name } = decided.columns;
  const inserted = yield* insertTaskRow(
    id,
    recipe,
    needs,
    task.maxConcurrent,
    code,
    task.waits ? 1 : 0,
    decided.columns.idempotency_key ?? null,
    task.childKey,
    decided.columns.run_at == null ? 0 : 1,
    environment,
    bound,
    place,
    name === recipe ? null : name,
    task.createdAt,
    tags,
  );
  const seq = inserted?.seq as number; // the statement returns it
  if (tags !== null) yield* addTags(seq, tags);
  yield* writeDecided(seq, decided, null);
  const { record } = decided;
  const rest = { seen_at: null, drop_at: null, worker: null } as const;
  return { seq, id, record, status: 'pending', needs, code, environment, bound, place, recipe, tags, ...rest };
}
