import type { Program } from '../../ports/backend.ts';
import type { TaskStatus } from '../../wire/task.ts';
import { facts } from '../facts.ts';
import { storedTask } from '../rows/shown.ts';
import { countsByStatus } from '../sql/counts.ts';
import { RELATIVES, relativesOf } from '../sql/family.ts';
import {
  ANY,
  both,
  COUNT_LIMIT,
  type Condition,
  countFitting,
  firstSince,
  named,
  pageRows,
  sourceOf,
  taggedWith,
} from '../sql/list.ts';
import { idsOfStatus, liveOf } from '../sql/tasks.ts';
import type { Counts, ListQuery, PayloadKind, StoredTask } from '../types.ts';
import { needsAttention } from './attention.ts';
import type { Context, Operation } from './operation.ts';

const WHOLE: readonly PayloadKind[] = ['input', 'config', 'metadata', 'result', 'error_details', 'progress_data'];

export const counts: Operation<'counts'> = { kind: 'read', run: () => readCounts() };

function* readCounts(): Program<Counts> {
  return Object.fromEntries((yield* countsByStatus()).map(({ status, n }) => [status, n])) as Counts;
}

function* byStatus(): Program<Record<TaskStatus, number>> {
  const { abandoned: _, ...tasks } = yield* readCounts();
  return tasks;
}

export const ids: Operation<'ids'> = {
  kind: 'read',
  *run(_, { status, session = null }) {
    return (yield* idsOfStatus(JSON.stringify(status), session)).map(({ id }) => id);
  },
};

export const live: Operation<'live'> = {
  kind: 'read',
  *run(_, args) {
    return (yield* liveOf(JSON.stringify(args.ids))).map(({ id }) => id);
  },
};

export const list: Operation<'list'> = {
  kind: 'read',
  *run(context, query) {
    const known = yield* facts(context);
    const filter = yield* alternatives(context, query);
    const rows = yield* pageRows(query, filter);
    const shown = rows.slice(0, query.limit);
    const others = query.relatives ? yield* relativesOf(JSON.stringify(shown.map(({ seq }) => seq))) : [];
    const all = [...shown, ...others.slice(0, RELATIVES)].sort((a, b) => b.seq - a.seq);
    const tasks: StoredTask[] = [];
    for (const row of all) tasks.push(yield* storedTask(row, query.small ? [] : WHOLE, known));
    return {
      tasks,
      ...(yield* total(query, filter)),
      counts: yield* byStatus(),
      next: rows.length > query.limit ? (shown.at(-1)?.seq ?? null) : null,
      isCut: others.length > RELATIVES,
    };
  },
};

/**
 * What is listed: tasks that fit one of these. None fits two, and each is asked for by itself: of conditions that are joined
 * by OR SQLite reads all that fit before it knows the newest.
 */
export function* alternatives(context: Context, query: ListQuery): Program<Condition[]> {
  const common = (yield* conditions(query)).reduce(both, ANY);
  const { attention, status } = query;
  const needy = attention ? yield* needsAttention(context, yield* facts(context), status) : [ANY];
  const names = query.name == null ? [ANY] : named(query.name);
  return needy.flatMap((one) => names.map((name) => both(both(name, one), common)));
}

function* conditions(query: ListQuery): Program<Condition[]> {
  const { status, sessionId, parentId, recipe, since } = query;
  return [
    ...taggedWith(query.tags),
    ...(status.length > 0 ? [{ where: `status IN (${status.map(() => '?').join(', ')})`, values: status }] : []),
    ...(sessionId === null ? [] : [{ where: 'session_id = ?', values: [sessionId] }]),
    ...(parentId == null ? [] : [{ where: 'parent_id = ?', values: [parentId] }]),
    ...(recipe === null ? [] : [{ where: 'recipe = ?', values: [recipe] }]),
    ...(since == null ? [] : [yield* submittedSince(query, since)]),
  ];
}

/** By its place in the order that pages are read in: it narrows whatever else is asked. */
function* submittedSince(query: ListQuery, since: number): Program<Condition> {
  const { seq } = sourceOf(query);
  const first = yield* firstSince(since);
  return { where: `${seq} >= ? AND +created_at >= ?`, values: [first?.seq ?? Number.MAX_SAFE_INTEGER, since] };
}

function* total(query: ListQuery, filter: readonly Condition[]): Program<{ total: number; totalExact: boolean }> {
  const { sessionId, parentId, recipe, name, since, attention, tags = [] } = query;
  const asked = [sessionId, parentId, recipe, name, since].some((one) => one != null) || attention || tags.length > 0;
  if (!asked) {
    const all = Object.entries(yield* byStatus()) as [TaskStatus, number][];
    const wanted = all.filter(([status]) => query.status.length === 0 || query.status.includes(status));
    return { total: wanted.reduce((sum, [, n]) => sum + n, 0), totalExact: true };
  }
  const n = (yield* countFitting(query, filter))[0]?.n ?? 0;
  return { total: Math.min(n, COUNT_LIMIT), totalExact: n <= COUNT_LIMIT };
}
