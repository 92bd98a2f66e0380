import { view } from '../../core/index.ts';
import type { TaskStatus } from '../../wire/task.ts';
import type { Database } from '../database.ts';
import type { Value } from '../driver.ts';
import { type Facts, facts } from '../facts.ts';
import { canRun, needsOf, storedTask, TASK_COLUMNS, type TaskRow } from '../rows.ts';
import type { Counts, ListQuery, StoredTask } from '../types.ts';
import type { Context, Operation } from './operation.ts';

/** Counting stops here; then the total is a lower bound and says so. */
const COUNT_LIMIT = 10_000;

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
    const filter = conditions(context, query, known);
    const { sql, values } = pageStatement(query, filter);
    const rows = db.all<TaskRow>(sql, ...values);
    const shown = rows.slice(0, query.limit);
    return {
      tasks: shown.map((row) => storedTask(db, row, ['input', 'config', 'metadata', 'result', 'error_details'], known)),
      ...total(db, query, filter),
      counts: byStatus(db),
      next: rows.length > query.limit ? (shown.at(-1)?.seq ?? null) : null,
    };
  },
};

/** The statement that reads a page, and one row more. */
export function pageStatement(query: ListQuery, filter: Condition): { sql: string; values: Value[] } {
  const { from, seq, where, values } = filter;
  const after = query.before === null ? [] : [query.before];
  const all = whereOf([...where, ...after.map(() => `${seq} < ?`)]);
  return {
    sql: `SELECT ${TASK_COLUMNS} FROM ${from} ${all} ORDER BY ${seq} DESC LIMIT ? OFFSET ?`,
    values: [...values, ...after, query.limit + 1, query.offset],
  };
}

export interface Condition {
  from: string;
  /** The column that puts them in order: of the table that leads. */
  seq: string;
  where: string[];
  values: Value[];
}

const whereOf = (where: readonly string[]): string => (where.length > 0 ? `WHERE ${where.join(' AND ')}` : '');

export function conditions(context: Context, query: ListQuery, known: Facts): Condition {
  const [tag, ...more] = query.tags ?? [];
  const parts: [string, Value[]][] = [];
  if (tag !== undefined) parts.push(['tagged.tag = ?', [tag]]);
  for (const one of more) {
    parts.push(['EXISTS (SELECT 1 FROM task_tags t WHERE t.tag = ? AND t.task = tagged.task)', [one]]);
  }
  if (query.status.length > 0) parts.push([`status IN (${query.status.map(() => '?').join(', ')})`, [...query.status]]);
  if (query.sessionId !== null) parts.push(['session_id = ?', [query.sessionId]]);
  if (query.recipe !== null) parts.push(['recipe = ?', [query.recipe]]);
  if (query.attention) parts.push(needsAttention(context, known));
  const condition = { where: parts.map(([sql]) => sql), values: parts.flatMap(([, values]) => values) };
  return tag === undefined ? { from: 'tasks', seq: 'seq', ...condition } : { ...BY_TAG, ...condition };
}

/** Read in the order of the tag's own index: the cross join keeps the planner from another one. */
const BY_TAG = { from: 'task_tags tagged CROSS JOIN tasks ON tasks.seq = tagged.task', seq: 'tagged.task' };

/**
 * Failed tasks, open questions and what is held always need an operator; a running one may, which only its record tells; a pending one
 * does when it is due and no living worker has the variables that it needs.
 */
function needsAttention({ db, now }: Context, known: Facts): [string, Value[]] {
  const running = db
    .all<TaskRow>(`SELECT ${TASK_COLUMNS} FROM tasks WHERE status = 'running'`)
    .filter((row) => attentionOf(storedTask(db, row, [], known), now))
    .map(({ seq }) => seq);
  const stranded = db
    .all<Pick<TaskRow, 'id' | 'needs' | 'code' | 'bound' | 'place' | 'recipe'>>(
      `SELECT min(id) AS id, needs, code, bound, place, iif(place IS NULL, '', recipe) AS recipe FROM tasks
       WHERE status = 'pending' GROUP BY needs, code, bound, place, iif(place IS NULL, '', recipe)`,
    )
    .filter((row) => !canRun(db, known.workers, needsOf(row)))
    .map(({ needs, code, bound, place, recipe }) => [needs, code, bound, place, recipe]);
  return [
    `(status IN ('failed', 'input_required') OR held = 1 OR seq IN (SELECT value FROM json_each(?))
      OR (status = 'pending' AND run_at <= ? AND EXISTS (
        SELECT 1 FROM json_each(?) WHERE value ->> 0 IS needs AND value ->> 1 IS code AND value ->> 2 IS bound
          AND value ->> 3 IS place AND (place IS NULL OR value ->> 4 = recipe))))`,
    [JSON.stringify(running), now, JSON.stringify(stranded)],
  ];
}

function attentionOf({ record, owner, worker, runnable }: StoredTask, now: number): boolean {
  return view(record, { owner, lease_until: worker?.lease_until ?? null, runnable }, now).attention.needs_attention;
}

function total(
  db: Database,
  query: ListQuery,
  { from, where, values }: Condition,
): { total: number; totalExact: boolean } {
  const { tags = [] } = query;
  if (query.sessionId === null && query.recipe === null && tags.length === 0 && !query.attention) {
    const all = Object.entries(byStatus(db)) as [TaskStatus, number][];
    const wanted = all.filter(([status]) => query.status.length === 0 || query.status.includes(status));
    return { total: wanted.reduce((sum, [, n]) => sum + n, 0), totalExact: true };
  }
  const row = db.get<{ n: number }>(
    `SELECT count(*) AS n FROM (SELECT 1 FROM ${from} ${whereOf(where)} LIMIT ${COUNT_LIMIT + 1})`,
    ...values,
  );
  const n = row?.n ?? 0;
  return { total: Math.min(n, COUNT_LIMIT), totalExact: n <= COUNT_LIMIT };
}
