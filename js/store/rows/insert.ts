/** Inserts a task. The other writers of a task's columns are `decided.ts` and, for lent slots, `ops/lend.ts`. */
import type { Decided } from '../../core/index.ts';
import type { Program } from '../../ports/backend.ts';
import type { Context } from '../operation-context.ts';
import { addTags, insertTaskRow } from '../sql/writes.ts';
import type { EnvValue } from '../types.ts';
import { boundText } from './bound.ts';
import type { TaskRow } from './task.ts';
import { bytesOf, insertEvents } from './told.ts';
import { noteTold } from './told-of.ts';

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

/** A task as it enters: pending, or running where it has started at once; then `created` is its record before that. */
export type Entering = Decided & { created?: string };

/** Inserts a new task. Answers with what was submitted. */
export function* insertTask(context: Context, id: string, entering: Entering, task: Placing): Program<TaskRow> {
  const { record, columns, events, created } = entering;
  const needs = task.needs.length > 0 ? JSON.stringify(task.needs) : null;
  const environment = task.binding?.environment ?? null;
  const bound = boundText(task.binding?.values ?? []);
  const tags = task.tags === undefined || task.tags.length === 0 ? null : JSON.stringify(task.tags);
  const { code, place } = task;
  const { status, recipe, name, worker } = columns;
  const [stand, epoch] = created === undefined ? [columns.run_at === null ? 'ready' : 'later', 0] : [null, 1];
  const seq = yield* insertTaskRow(
    id,
    record,
    status,
    recipe,
    columns.session_id,
    columns.parent_id,
    columns.priority,
    columns.run_at ?? 0,
    columns.due_at,
    worker,
    needs,
    task.maxConcurrent,
    events.length,
    bytesOf(events),
    task.waits ? 1 : 0,
    code,
    columns.idempotency_key,
    task.childKey,
    created === undefined ? 0 : 1,
    stand,
    environment,
    bound,
    place,
    name === recipe ? null : name,
    task.createdAt,
    tags,
    epoch,
  );
  context.tally.add(status, 1);
  if (tags !== null) yield* addTags(seq, tags);
  yield* insertEvents(seq, events);
  if (created !== undefined) noteTold(context, seq, record, events);
  const rest = { seen_at: null, drop_at: null, worker: null, epoch: 0 } as const;
  return {
    seq,
    id,
    record: created ?? record,
    status: 'pending',
    needs,
    code,
    environment,
    bound,
    place,
    recipe,
    tags,
    ...rest,
  };
}
