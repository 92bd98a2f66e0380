/** Statements of lists, put together from what is asked. */
import type { Value } from '../../ports/backend.ts';
import type { TaskRow } from '../rows/task.ts';
import type { ListQuery } from '../types.ts';
import { type Asked, composedRows, row } from './statement.ts';
import { TASK_COLUMNS } from './tasks.ts';

/** What a task must be: SQL, with the values of its question marks. */
export interface Condition {
  where: string;
  values: readonly Value[];
}

export const both = (a: Condition, b: Condition): Condition => ({
  where: [a.where, b.where].filter((where) => where !== '').join(' AND '),
  values: [...a.values, ...b.values],
});

export const ANY: Condition = { where: '', values: [] };

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

export const sourceOf = ({ tags = [] }: Pick<ListQuery, 'tags'>): Source => (tags.length === 0 ? TASKS : TAGGED);

const whereOf = ({ where }: Condition): string => (where === '' ? '' : `WHERE ${where}`);

/** With the first one by the table that leads, with all others besides. */
export function taggedWith([tag, ...more]: readonly string[] = []): Condition[] {
  if (tag === undefined) return [];
  const besides = 'EXISTS (SELECT 1 FROM task_tags t WHERE t.tag = ? AND t.task = tagged.task)';
  return [{ where: 'tagged.tag = ?', values: [tag] }, ...more.map((one) => ({ where: besides, values: [one] }))];
}

/** A task has a name of its own, or that of its recipe. */
export const named = (name: string): Condition[] => [
  { where: 'name = ?', values: [name] },
  { where: 'name IS NULL AND recipe = ?', values: [name] },
];

/** The first task that was submitted at that moment or later. */
export const firstSince = row<{ seq: number | null }, [since: number]>(
  'list.first_since',
  'SELECT min(+seq) AS seq FROM tasks WHERE created_at >= ?',
);

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

/** Its rows. */
export function pageRows(query: ListQuery, filter: readonly Condition[]): Asked<TaskRow[]> {
  const { sql, values } = pageOf(query, filter);
  return composedRows('list.page', sql, values);
}

/** Counting stops here; then the total is a lower bound and says so. */
export const COUNT_LIMIT = 10_000;

/** How many fit, `COUNT_LIMIT` + 1 at most. */
export function countFitting(query: ListQuery, filter: readonly Condition[]): Asked<{ n: number }[]> {
  const { from } = sourceOf(query);
  const selects = filter.map((one) => `SELECT 1 FROM ${from} ${whereOf(one)}`);
  return composedRows(
    'list.count',
    `SELECT count(*) AS n FROM (${selects.join(' UNION ALL ')} LIMIT ${COUNT_LIMIT + 1})`,
    filter.flatMap(({ values }) => values),
  );
}
