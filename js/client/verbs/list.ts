import { parseDuration } from '../../core/index.ts';
import { momentMs } from '../../core/options.ts';
import { InvalidArgumentError, invalid } from '../../errors/index.ts';
import type { Summary, TaskPage } from '../../wire/answers.ts';
import { checkNumber, checkObject, checkWhole } from '../../wire/check.ts';
import type { ListFilter } from '../../wire/requests.ts';
import { STATUSES, type TaskStatus } from '../../wire/task.ts';
import type { Duration } from '../../wire/task-handle.ts';
import type { VerbContext } from '../verb-context.ts';
import { storedJson } from './stored-json.ts';
import { checkedTags } from './tags.ts';

export const MAX_PAGE_SIZE = 1000;

const KEYS: Record<keyof ListFilter, true> = {
  status: true,
  sessionId: true,
  parentId: true,
  recipe: true,
  tags: true,
  name: true,
  since: true,
  attention: true,
  relatives: true,
  page: true,
  pageSize: true,
  after: true,
};

/** One page of tasks, newest first. */
export async function list(
  context: VerbContext,
  filter: ListFilter = {},
  { small = false }: { small?: boolean } = {},
): Promise<TaskPage> {
  checkObject('filter', filter, KEYS);
  const pageSize = checkNumber('pageSize', filter.pageSize ?? 20, 1, MAX_PAGE_SIZE);
  const page = checkNumber('page', filter.page ?? 1, 1);
  if (filter.after !== undefined && filter.page !== undefined) {
    throw new InvalidArgumentError('page and after: got both, expected one of them');
  }
  checkStatuses(filter.status ?? []);
  checkWhole('sessionId', filter.sessionId);
  checkWhole('parentId', filter.parentId);
  checkWhole('recipe', filter.recipe);
  checkWhole('name', filter.name);
  await context.due();
  const answer = await context.run('list', {
    status: filter.status ?? [],
    sessionId: filter.sessionId ?? null,
    parentId: filter.parentId ?? null,
    recipe: filter.recipe ?? null,
    tags: checkedTags(filter.tags),
    name: filter.name ?? null,
    since: filter.since === undefined ? null : momentOf(filter.since),
    attention: filter.attention ?? false,
    relatives: filter.relatives ?? false,
    small,
    limit: pageSize,
    offset: filter.after === undefined ? (page - 1) * pageSize : 0,
    before: filter.after === undefined ? null : cursor(filter.after),
  });
  const now = Date.now();
  return {
    tasks: answer.tasks.map((stored) => storedJson(stored, now)),
    page,
    page_size: pageSize,
    total: answer.total,
    total_exact: answer.totalExact,
    counts: answer.counts,
    next: answer.next === null ? null : String(answer.next),
    ...(answer.isCut ? { cut: true as const } : {}),
  };
}

/** A moment, or so long ago. */
function momentOf(since: Duration | Date): number {
  if (since instanceof Date) return momentMs(since, 'since');
  if (typeof since === 'string' && DATE.test(since)) return momentMs(since, 'since');
  return Date.now() - parseDuration(since, 'since') * 1000;
}

const DATE = /^\d{4}-\d\d-\d\d/;

/** A text would pass for a list of letters. */
export function checkStatuses(status: readonly TaskStatus[]): void {
  const expected = `an array of ${STATUSES.join(', ')}`;
  if (!Array.isArray(status)) throw invalid('status', status, expected);
  for (const one of status) if (!STATUSES.includes(one)) throw invalid('status', one, `one of ${STATUSES.join(', ')}`);
}

/** How many tasks are in which state. */
export async function summary(context: VerbContext): Promise<Summary> {
  await context.due();
  const counts = await context.run('counts', {});
  const total = STATUSES.reduce((sum, status) => sum + counts[status], 0);
  return { ...counts, total };
}

function cursor(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw invalid('after', text, "the 'next' of the page before");
}
