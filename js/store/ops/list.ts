import type { TaskStatus } from '../../wire/task.ts';
import type { Database } from '../database.ts';
import type { Value } from '../driver.ts';
import { facts } from '../facts.ts';
import { storedTask, TASK_COLUMNS, type TaskRow } from '../rows.ts';
import type { Counts, ListQuery, PayloadKind } from '../types.ts';
import { needsAttention } from './attention.ts';
import type { Context, Operation } from './operation.ts';

/** Counting stops here; then the total is a lower bound and says so. */
const COUNT_LIMIT = 10_000;

/** So many relatives come with a page at most. */
const RELATIVES = 1_000;

const WHOLE: readonly PayloadKind[] = ['input', 'config', 'metadata', 'result', 'error_details'];

export const counts: Operation<'counts'> = { kind: 'read', run: ({ db }) => readCounts(db) };

function readCounts(db: Database): Counts {
  const rows = db.all<{ status: keyof Counts; n: number }>(
    "SELECT status, n FROM counts WHERE status <> 'payload_bytes'",
  );
  return Object.fromEntries(rows.map(({ status, n }) => [status, n])) as Counts;
}

function byStatus(db: Database): Record<TaskStatus, number> {
  const { abandoned: _, ...tasks } = readCounts(db);
  return tasks;
}

export const ids: Operation<'ids'> = {
  kind: 'read',
  run: ({ db }, { status }) =>
    db
      .all<{ id: string }>(
        'SELECT id FROM tasks WHERE status IN (SELECT value FROM json_each(?)) ORDER BY seq DESC',
        JSON.stringify(status),
      )
      .map(({ id }) => id),
};

export const live: Operation<'live'> = {
  kind: 'read',
  run: ({ db }, args) =>
    db
      .all<{ id: string }>(
        'SELECT id FROM tasks WHERE id IN (SELECT value FROM json_each(?)) AND completed_at IS NULL',
        JSON.stringify(args.ids),
      )
      .map(({ id }) => id),
};

export const list: Operation<'list'> = {
  kind: 'read',
  run: (context, query) => {
    const { db } = context;
    const known = facts(context);
    const filter = alternatives(context, query);
    const { sql, values } = pageOf(query, filter);
    const rows = db.all<TaskRow>(sql, ...values);
    const shown = rows.slice(0, query.limit);
    const others = query.relatives ? relatives(db, shown) : [];
    const all = [...shown, ...others.slice(0, RELATIVES)].sort((a, b) => b.seq - a.seq);
    return {
      tasks: all.map((row) => storedTask(db, row, query.small ? [] : WHOLE, known)),
      ...total(db, query, filter),
      counts: byStatus(db),
      next: rows.length > query.limit ? (shown.at(-1)?.seq ?? null) : null,
      isCut: others.length > RELATIVES,
    };
  },
};

/** What a task must be: SQL, with the values of its question marks. */
export interface Condition {
  where: string;
  values: readonly Value[];
}

const both = (a: Condition, b: Condition): Condition => ({
  where: [a.where, b.where].filter((where) => where !== '').join(' AND '),
  values: [...a.values, ...b.values],
});

const ANY: Condition = { where: '', values: [] };

/** Where tasks are read. */
interface Source {
  from: string;
  columns: string;
  /** The column that puts them in order: of the table that leads. */
  seq: string;
}

const TASKS: Source = { from: 'tasks', columns: TASK_COLUMNS, seq: 'seq' };

/** In the order of the tag's own index: the cross join keeps the planner from another one. */
const TAGGED: Source = {
  from: 'task_tags tagged CROSS JOIN tasks ON tasks.seq = tagged.task',
  columns: TASK_COLUMNS.replace('seq', 'tagged.task AS seq'),
  seq: 'tagged.task',
};

const sourceOf = ({ tags = [] }: Pick<ListQuery, 'tags'>): Source => (tags.length === 0 ? TASKS : TAGGED);

const whereOf = ({ where }: Condition): string => (where === '' ? '' : `WHERE ${where}`);

/**
 * What is listed: tasks that fit one of these. None fits two, and each is asked for by itself: of conditions that are joined
 * by OR SQLite reads all that fit before it knows the newest.
 */
export function alternatives(context: Context, query: ListQuery): Condition[] {
  const common = conditions(context.db, query).reduce(both, ANY);
  const attention = query.attention ? needsAttention(context, facts(context), query.status) : [ANY];
  const names = query.name == null ? [ANY] : named(query.name);
  return attention.flatMap((one) => names.map((name) => both(both(name, one), common)));
}

function conditions(db: Database, query: ListQuery): Condition[] {
  const { status, sessionId, recipe, since } = query;
  return [
    ...taggedWith(query.tags),
    ...(status.length > 0 ? [{ where: `status IN (${status.map(() => '?').join(', ')})`, values: status }] : []),
    ...(sessionId === null ? [] : [{ where: 'session_id = ?', values: [sessionId] }]),
    ...(recipe === null ? [] : [{ where: 'recipe = ?', values: [recipe] }]),
    ...(since == null ? [] : [submittedSince(db, since, sourceOf(query))]),
  ];
}

/** With the first one by the table that leads, with all others besides. */
function taggedWith([tag, ...more]: readonly string[] = []): Condition[] {
  if (tag === undefined) return [];
  const besides = 'EXISTS (SELECT 1 FROM task_tags t WHERE t.tag = ? AND t.task = tagged.task)';
  return [{ where: 'tagged.tag = ?', values: [tag] }, ...more.map((one) => ({ where: besides, values: [one] }))];
}

/** A task has a name of its own, or that of its recipe. */
const named = (name: string): Condition[] => [
  { where: 'name = ?', values: [name] },
  { where: 'name IS NULL AND recipe = ?', values: [name] },
];

/** By its place in the order that pages are read in: it narrows whatever else is asked. */
function submittedSince(db: Database, since: number, { seq }: Source): Condition {
  const first = db.get<{ seq: number | null }>('SELECT min(+seq) AS seq FROM tasks WHERE created_at >= ?', since);
  return { where: `${seq} >= ? AND +created_at >= ?`, values: [first?.seq ?? Number.MAX_SAFE_INTEGER, since] };
}

/** The statement of a page; one row more than it has tells whether there is another. */
export function pageOf(
  { before, limit, offset, tags = [] }: Pick<ListQuery, 'before' | 'limit' | 'offset' | 'tags'>,
  filter: readonly Condition[],
): { sql: string; values: Value[] } {
  const { from, columns, seq } = sourceOf({ tags });
  const after: Condition = before === null ? ANY : { where: `${seq} < ?`, values: [before] };
  const selects = filter.map((one) => both(one, after));
  return {
    sql: `${selects.map((one) => `SELECT ${columns} FROM ${from} ${whereOf(one)}`).join(' UNION ALL ')}
      ORDER BY seq DESC LIMIT ? + 0 OFFSET ? + 0`,
    values: [...selects.flatMap(({ values }) => values), limit + 1, offset],
  };
}

/** Ancestors and descendants that are not among them, one more than may be shown. */
function relatives(db: Database, rows: readonly TaskRow[]): TaskRow[] {
  return db.all<TaskRow>(
    `WITH shown AS MATERIALIZED (SELECT value AS seq FROM json_each(?))
     SELECT ${TASK_COLUMNS} FROM tasks WHERE seq IN (
       SELECT ancestor FROM family WHERE task IN (SELECT seq FROM shown)
       UNION SELECT task FROM family WHERE ancestor IN (SELECT seq FROM shown)
       EXCEPT SELECT seq FROM shown)
     ORDER BY seq LIMIT ${RELATIVES + 1}`,
    JSON.stringify(rows.map(({ seq }) => seq)),
  );
}

function total(db: Database, query: ListQuery, filter: readonly Condition[]): { total: number; totalExact: boolean } {
  const { sessionId, recipe, name, since, attention, tags = [] } = query;
  const asked = [sessionId, recipe, name, since].some((one) => one != null) || attention || tags.length > 0;
  if (!asked) {
    const all = Object.entries(byStatus(db)) as [TaskStatus, number][];
    const wanted = all.filter(([status]) => query.status.length === 0 || query.status.includes(status));
    return { total: wanted.reduce((sum, [, n]) => sum + n, 0), totalExact: true };
  }
  const row = db.get<{ n: number }>(
    `SELECT count(*) AS n FROM (${filter.map((one) => `SELECT 1 FROM ${sourceOf(query).from} ${whereOf(one)}`).join(' UNION ALL ')}
       LIMIT ${COUNT_LIMIT + 1})`,
    ...filter.flatMap(({ values }) => values),
  );
  const n = row?.n ?? 0;
  return { total: Math.min(n, COUNT_LIMIT), totalExact: n <= COUNT_LIMIT };
}
