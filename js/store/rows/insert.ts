/** Inserts a task. The other writers of a task's columns are `decided.ts` and, for lent slots, `ops/lend.ts`. */
import type { Decided } from '../../core/index.ts';
import type { Program, Query, Value } from '../../ports/backend.ts';
import type { Context } from '../operation-context.ts';
import { addEvents, type EventRow } from '../sql/events.ts';
import { addPayloads, type PayloadRow } from '../sql/payloads.ts';
import { together } from '../sql/statement.ts';
import { addTags, insertTaskRows } from '../sql/writes.ts';
import type { EnvValue, PayloadRefs, Payloads } from '../types.ts';
import { boundText } from './bound.ts';
import { payloadRows } from './payloads.ts';
import type { TaskRow } from './task.ts';
import { bytesOf, eventRows } from './told.ts';
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

/** A new task with what becomes of it. */
export interface Entrant {
  id: string;
  entering: Entering;
  placing: Placing;
  /** Stored with it; else by who inserts it. */
  payloads?: Payloads;
  refs?: PayloadRefs | undefined;
}

/** Inserts a new task. Answers with what was submitted. */
export function* insertTask(context: Context, id: string, entering: Entering, placing: Placing): Program<TaskRow> {
  const [row] = yield* insertTasks(context, [{ id, entering, placing }]);
  return row as TaskRow;
}

/** The same of several, in order. */
export function* insertTasks(context: Context, entrants: readonly Entrant[]): Program<TaskRow[]> {
  const made = entrants.map(rowOf);
  const { queries, keysOf } = insertTaskRows(made.map(({ values }) => values));
  const keys = keysOf(yield* together(queries));
  const [told, given, tagged]: [EventRow[], PayloadRow[], Query[]] = [[], [], []];
  const rows = entrants.map(({ id, entering, placing, payloads, refs }, n) => {
    const seq = keys[n] as number;
    const { record, columns, events, created } = entering;
    const { tags } = made[n] as Made;
    context.tally.add(columns.status, 1);
    told.push(...eventRows(seq, events));
    if (tags !== null) tagged.push(addTags(seq, tags));
    if (payloads !== undefined) given.push(...payloadRows(context, seq, payloads, refs));
    if (created !== undefined) {
      const { code } = placing;
      context.live?.entered({ seq, id, status: columns.status, epoch: STARTED, code, seen_at: null });
      noteTold(context, seq, record, events);
    }
    return submitted(seq, id, entering, placing, made[n] as Made);
  });
  yield* together([...addEvents(told), ...addPayloads(given), ...tagged]);
  return rows;
}

/** The epoch of a task that was started once. */
const STARTED = 1;

/** What the row of a new task holds, and what of it are texts. */
interface Made {
  values: readonly Value[];
  needs: string | null;
  bound: string | null;
  tags: string | null;
}

function rowOf({ id, entering, placing }: Entrant): Made {
  const { record, columns, events, created } = entering;
  const { recipe, name } = columns;
  const needs = placing.needs.length > 0 ? JSON.stringify(placing.needs) : null;
  const bound = boundText(placing.binding?.values ?? []);
  const tags = placing.tags === undefined || placing.tags.length === 0 ? null : JSON.stringify(placing.tags);
  const [stand, epoch] = created === undefined ? [columns.run_at === null ? 'ready' : 'later', 0] : [null, STARTED];
  const values = [
    id,
    record,
    columns.status,
    recipe,
    columns.session_id,
    columns.parent_id,
    columns.priority,
    columns.run_at ?? 0,
    columns.due_at,
    columns.worker,
    needs,
    placing.maxConcurrent,
    events.length,
    bytesOf(events),
    placing.waits ? 1 : 0,
    placing.code,
    columns.idempotency_key,
    placing.childKey,
    created === undefined ? 0 : 1,
    stand,
    placing.binding?.environment ?? null,
    bound,
    placing.place,
    name === recipe ? null : name,
    placing.createdAt,
    tags,
    epoch,
  ];
  return { values, needs, bound, tags };
}

function submitted(seq: number, id: string, entering: Entering, placing: Placing, made: Made): TaskRow {
  const { record, columns, created } = entering;
  const { needs, bound, tags } = made;
  const { code, place, binding } = placing;
  const environment = binding?.environment ?? null;
  const { recipe } = columns;
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
