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
    const page = { ...filter };
    if (query.before !== null) {
      page.where = [...page.where, 'seq < ?'];
      page.values = [...page.values, query.before];
    }
    const rows = db.all<TaskRow>(
      `SELECT ${TASK_COLUMNS} FROM tasks ${whereOf(page.where)} ORDER BY seq DESC LIMIT ? OFFSET ?`,
      ...page.values,
      query.limit + 1,
      query.offset,
    );
    const shown = rows.slice(0, query.limit);
    return {
      tasks: shown.map((row) => storedTask(db, row, ['input', 'config', 'metadata', 'result', 'error_details'], known)),
      ...total(db, query, filter),
      counts: byStatus(db),
      next: rows.length > query.limit ? (shown.at(-1)?.seq ?? null) : null,
    };
  },
};

interface Condition {
  where: string[];
  values: Value[];
}

const whereOf = (where: readonly string[]): string => (where.length > 0 ? `WHERE ${where.join(' AND ')}` : '');

function conditions(context: Context, query: ListQuery, known: Facts): Condition {
  const parts: [string, Value[]][] = [];
  if (query.status.length > 0) parts.push([`status IN (${query.status.map(() => '?').join(', ')})`, [...query.status]]);
  if (query.sessionId !== null) parts.push(['session_id = ?', [query.sessionId]]);
  if (query.recipe !== null) parts.push(['recipe = ?', [query.recipe]]);
  if (query.attention) parts.push(needsAttention(context, known));
  return { where: parts.map(([sql]) => sql), values: parts.flatMap(([, values]) => values) };
}

/**
 * Failed tasks and open questions always need an operator; a running one may, which only its record tells; a pending one
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
    `(status IN ('failed', 'input_required') OR seq IN (SELECT value FROM json_each(?))
      OR (status = 'pending' AND run_at <= ? AND EXISTS (
        SELECT 1 FROM json_each(?) WHERE value ->> 0 IS needs AND value ->> 1 IS code AND value ->> 2 IS bound
          AND value ->> 3 IS place AND (place IS NULL OR value ->> 4 = recipe))))`,
    [JSON.stringify(running), now, JSON.stringify(stranded)],
  ];
}

function attentionOf({ record, owner, worker, runnable }: StoredTask, now: number): boolean {
  return view(record, { owner, lease_until: worker?.lease_until ?? null, runnable }, now).attention.needs_attention;
}

function total(db: Database, query: ListQuery, { where, values }: Condition): { total: number; totalExact: boolean } {
  if (query.sessionId === null && query.recipe === null && !query.attention) {
    const all = Object.entries(byStatus(db)) as [TaskStatus, number][];
    const wanted = all.filter(([status]) => query.status.length === 0 || query.status.includes(status));
    return { total: wanted.reduce((sum, [, n]) => sum + n, 0), totalExact: true };
  }
  const row = db.get<{ n: number }>(
    `SELECT count(*) AS n FROM (SELECT 1 FROM tasks ${whereOf(where)} LIMIT ${COUNT_LIMIT + 1})`,
    ...values,
  );
  const n = row?.n ?? 0;
  return { total: Math.min(n, COUNT_LIMIT), totalExact: n <= COUNT_LIMIT };
}
