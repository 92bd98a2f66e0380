import { parseDuration } from '../../core/index.ts';
import { ConflictError, InvalidArgumentError, invalid } from '../../errors/index.ts';
import type { Ops } from '../../store/types.ts';
import type { Cleared } from '../../wire/answers.ts';
import { checkObject, checkWhole } from '../../wire/check.ts';
import type { ClearFilter } from '../../wire/requests.ts';
import { isTerminal, STATUSES, type TaskJson, type TaskStatus } from '../../wire/task.ts';
import type { VerbContext } from '../verb-context.ts';
import { untilStopped } from '../watch/until-stopped.ts';
import { checkStatuses } from './list.ts';
import { glanceAll } from './read.ts';

const LIVE: readonly TaskStatus[] = STATUSES.filter((status) => !isTerminal(status));
/** `killGrace` and a second: after that every local process has been killed. */
const STOP_WITHIN = 6;

const KEYS: Record<keyof ClearFilter, true> = {
  ids: true,
  all: true,
  olderThan: true,
  status: true,
  sessionId: true,
  dryRun: true,
};

/** Removes terminal tasks; with `all` also live ones, which are cancelled first and given time to stop. */
export async function clear(context: VerbContext, filter: ClearFilter = {}): Promise<Cleared> {
  checkFilter(filter);
  await context.due();
  return filter.ids === undefined ? clearMany(context, filter) : clearThese(context, filter.ids, filter);
}

function checkFilter(filter: ClearFilter): void {
  checkObject('filter', filter, KEYS);
  const { ids, all = false, olderThan, status, sessionId } = filter;
  checkWhole('sessionId', sessionId);
  checkStatus(status ?? [], all);
  if (ids !== undefined && !(Array.isArray(ids) && ids.every((id) => typeof id === 'string'))) {
    throw invalid('ids', ids, 'a list of task ids');
  }
  for (const [option, value] of Object.entries({ olderThan, status, sessionId })) {
    if (ids === undefined || value === undefined) continue;
    throw new InvalidArgumentError(`ids and ${option}: got both, expected one: a task that is named is meant as it is`);
  }
  if (all && olderThan !== undefined) {
    throw new InvalidArgumentError(
      'all and olderThan: got both, expected one: a live task has not ended, so it has no age',
    );
  }
}

async function clearMany(context: VerbContext, filter: ClearFilter): Promise<Cleared> {
  const status = filter.status ?? [];
  const { sessionId: session } = filter;
  const live = filter.all ? await liveIds(context, status, session) : [];
  const olderThan = filter.olderThan === undefined ? null : parseDuration(filter.olderThan, 'olderThan') * 1000;
  const query = { ids: null, status: status.filter(isTerminal), olderThan, session, dryRun: filter.dryRun ?? false };
  const ended = onlyLive(status) ? NOTHING : await context.run('clear', query);
  if (filter.dryRun) return answer({ ids: [...ended.ids, ...live], keys: ended.keys }, []);
  const stopped = live.length > 0 ? await stopAndRemove(context, live) : NOTHING;
  const gone = { ids: [...ended.ids, ...stopped.ids], keys: ended.keys + stopped.keys };
  return answer(gone, live);
}

/** All of those that are named, or none; with `all` those that have not stopped in time remain. */
async function clearThese(
  context: VerbContext,
  given: readonly string[],
  { all, dryRun = false }: ClearFilter,
): Promise<Cleared> {
  const ids = [...new Set(given)];
  const live = (await glanceAll(context, ids)).filter(isAtWork);
  const [first] = live;
  if (first !== undefined && !all) throw stillAtWork(first);
  if (live.length === 0 || dryRun) {
    const gone = await context.run('clear', { ids, status: [], olderThan: null, dryRun });
    return answer({ ids: dryRun ? ids : gone.ids, keys: gone.keys }, ids);
  }
  return answer(await stopAndRemove(context, ids), ids);
}

/** One whose record is damaged is at work for nobody: it may go. */
const isAtWork = ({ status, task_status }: TaskJson): boolean =>
  task_status.kind !== 'unknown' && (!isTerminal(status) || task_status.signals.includes('stopping'));

function stillAtWork({ task_id, status }: TaskJson): ConflictError {
  const why = isTerminal(status) ? `${status}, and its work has not stopped yet` : status;
  return new ConflictError(
    `task ${task_id} is ${why}; clear it when it has ended, or with all, which cancels it first`,
    {
      taskId: task_id,
      details: { task_id, status },
    },
  );
}

function answer({ ids, keys }: ReturnType<Ops['clear']>, wanted: readonly string[]): Cleared {
  const gone = new Set(ids);
  return {
    cleared: ids.length,
    task_ids: ids,
    keys_freed: keys,
    remaining: wanted.filter((id) => !gone.has(id)),
  };
}

const NOTHING = { ids: [], keys: 0 };

const onlyLive = (status: readonly TaskStatus[]): boolean => status.length > 0 && !status.some(isTerminal);

function checkStatus(status: readonly TaskStatus[], all: boolean): void {
  checkStatuses(status);
  for (const one of status) {
    if (!all && !isTerminal(one)) {
      throw new InvalidArgumentError(`status: got "${one}", which is live; add 'all' to cancel and clear live tasks`);
    }
  }
}

function liveIds(context: VerbContext, status: readonly TaskStatus[], session: string | undefined): Promise<string[]> {
  return context.run('ids', { status: status.length > 0 ? status.filter((one) => LIVE.includes(one)) : LIVE, session });
}

async function stopAndRemove(context: VerbContext, ids: readonly string[]): Promise<ReturnType<Ops['clear']>> {
  // Each by itself, in one commit: a damaged record must not keep the others from being cancelled.
  await Promise.allSettled(ids.map((id) => context.run('cancel', { ids: [id], by: 'clear' })));
  const signal = AbortSignal.timeout(STOP_WITHIN * 1000);
  for (const id of ids) await untilStopped(context, id, signal).catch(() => {}); // reported as remaining
  return context.run('clear', { ids, status: [], olderThan: null, dryRun: false });
}
