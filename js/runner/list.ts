/** Looking at many tasks. */
import { STATUSES } from '../core/runner.ts';
import { invalid } from '../errors/index.ts';
import type { Task, TaskStatus } from '../wire/task.ts';
import type { Entry } from './entry.ts';
import type { Inner } from './inner.ts';
import { checkObject } from './spec.ts';
import { taskOf } from './view.ts';

/** Which tasks to list, newest first. */
export interface RunnerListFilter {
  /** Only tasks of these statuses. Default: all. */
  status?: readonly TaskStatus[] | undefined;
  /** Only tasks of this session. */
  sessionId?: string | undefined;
  /** Only tasks that need an operator. */
  attention?: boolean | undefined;
  /** 1 to 1,000. Default 20. */
  pageSize?: number | undefined;
  /** The `next` of the page before. */
  after?: string | undefined;
}

/** One page of tasks. */
export interface RunnerTaskList {
  /** Newest first. */
  tasks: Task[];
  /** How many there are of the filter. */
  total: number;
  /** Always true: a runner counts as it goes. */
  totalExact: boolean;
  /** How many there are of each status, whatever the filter. */
  counts: Record<TaskStatus, number>;
  /** Where the next page begins; absent on the last. */
  next?: string;
}

/** How many tasks there are and were. `abandoned`: executions that were given up. */
export interface RunnerSummary extends Record<TaskStatus, number> {
  /** All that were ever submitted. */
  total: number;
  /** Executions that were given up after `killGrace`. */
  abandoned: number;
}

export function summary(inner: Inner): RunnerSummary {
  const { total, pending, running, input_required, completed, failed, cancelled, abandoned } = inner.driver.ask(
    (runner) => runner.counts(),
  ) as unknown as RunnerSummary;
  return { total, pending, running, input_required, completed, failed, cancelled, abandoned };
}

/** The live ones, the ended ones or both, in the order of creation. */
export function entriesOf(inner: Inner, live: boolean, ended: boolean): Entry[] {
  const slots = [...inner.driver.ask((runner) => runner.slots(live, ended))];
  return slots.map((slot) => inner.driver.entries.get(slot)).filter((entry) => entry !== undefined);
}

export function tasksWhere(inner: Inner, wanted: (status: TaskStatus) => boolean): Task[] {
  const entries = entriesOf(inner, true, true).filter((entry) => wanted(inner.driver.statusOf(entry)));
  return entries.map((entry) => taskOf(inner, entry));
}

const LIST_KEYS: Record<keyof RunnerListFilter, true> = {
  status: true,
  sessionId: true,
  attention: true,
  pageSize: true,
  after: true,
};

export function checkStatus(status: unknown): void {
  if (status === undefined) return;
  const known = STATUSES as readonly unknown[];
  if (Array.isArray(status) && status.every((one) => known.includes(one))) return;
  throw invalid('status', status, `an array of ${known.join(', ')}`);
}

export function list(inner: Inner, filter: RunnerListFilter): RunnerTaskList {
  checkObject('filter', filter, LIST_KEYS);
  const { status, sessionId, attention, pageSize = 20, after } = filter;
  checkStatus(status);
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > 1000)
    throw invalid('pageSize', pageSize, 'a whole number from 1 to 1000');
  const below = after === undefined ? Number.POSITIVE_INFINITY : cursor(after);
  const all = entriesOf(inner, true, true).reverse();
  const of = (entry: Entry): boolean =>
    (status === undefined || status.includes(inner.driver.statusOf(entry))) &&
    (sessionId === undefined || entry.extra?.sessionId === sessionId) &&
    (attention !== true || taskOf(inner, entry).taskStatus.needsAttention);
  const found = all.filter(of);
  const rest = found.filter(({ order }) => order < below);
  const page = rest.slice(0, pageSize);
  const last = page.at(-1);
  return {
    tasks: page.map((entry) => taskOf(inner, entry)),
    total: found.length,
    totalExact: true,
    counts: countsOf(inner, all),
    ...(last === undefined || rest.length === page.length ? {} : { next: String(last.order) }),
  };
}

function cursor(after: string): number {
  const order = Number(after);
  if (Number.isInteger(order) && order > 0) return order;
  throw invalid('after', after, 'the next of the page before');
}

function countsOf(inner: Inner, entries: readonly Entry[]): Record<TaskStatus, number> {
  const counts = { pending: 0, running: 0, input_required: 0, completed: 0, failed: 0, cancelled: 0 };
  for (const entry of entries) counts[inner.driver.statusOf(entry)] += 1;
  return counts;
}
