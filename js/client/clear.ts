import { parseDuration } from '../core/index.ts';
import { InvalidArgumentError } from '../errors/index.ts';
import { checkObject } from '../wire/check.ts';
import { isTerminal, type TaskStatus } from '../wire/task.ts';
import { cancelAll } from './cancel.ts';
import type { Context } from './context.ts';
import { checkStatuses } from './list.ts';
import type { Cleared, ClearFilter } from './verbs.ts';
import { waitUntil } from './wait.ts';

const LIVE: readonly TaskStatus[] = ['pending', 'running', 'input_required'];
/** `killGrace` and a second: after that every local process has been killed. */
const STOP_WITHIN = 6;

const KEYS: Record<keyof ClearFilter, true> = { all: true, olderThan: true, status: true, dryRun: true };

/** Removes terminal tasks; with `all` also live ones, which are cancelled first and given time to stop. */
export async function clear(context: Context, filter: ClearFilter = {}): Promise<Cleared> {
  checkObject('filter', filter, KEYS);
  const status = filter.status ?? [];
  checkStatus(status, filter.all ?? false);
  if (filter.all && filter.olderThan !== undefined) {
    throw new InvalidArgumentError(
      'all and olderThan: got both, expected one: a live task has not ended, so it has no age',
    );
  }
  await context.run('due', {});
  const live = filter.all ? await liveIds(context, status) : [];
  const endedBefore =
    filter.olderThan === undefined ? null : Date.now() - parseDuration(filter.olderThan, 'olderThan') * 1000;
  const query = { ids: null, status: status.filter(isTerminal), endedBefore, dryRun: filter.dryRun ?? false };
  const ended = onlyLive(status) ? [] : await context.run('clear', query);
  if (filter.dryRun) return { cleared: ended.length + live.length, task_ids: [...ended, ...live], remaining: [] };
  const stopped = live.length > 0 ? await stopAndRemove(context, live) : [];
  return {
    cleared: ended.length + stopped.length,
    task_ids: [...ended, ...stopped],
    remaining: live.filter((id) => !stopped.includes(id)),
  };
}

const onlyLive = (status: readonly TaskStatus[]): boolean => status.length > 0 && !status.some(isTerminal);

function checkStatus(status: readonly TaskStatus[], all: boolean): void {
  checkStatuses(status);
  for (const one of status) {
    if (!all && !isTerminal(one)) {
      throw new InvalidArgumentError(`status: got "${one}", which is live; add 'all' to cancel and clear live tasks`);
    }
  }
}

function liveIds(context: Context, status: readonly TaskStatus[]): Promise<string[]> {
  return context.run('ids', { status: status.length > 0 ? status.filter((one) => LIVE.includes(one)) : LIVE });
}

async function stopAndRemove(context: Context, ids: readonly string[]): Promise<string[]> {
  // Each by itself, in one commit: a damaged record must not keep the others from being cancelled.
  await Promise.allSettled(ids.map((id) => cancelAll(context, [id], 'clear')));
  const signal = AbortSignal.timeout(STOP_WITHIN * 1000);
  const stopped = ({ task_status }: { task_status: { signals: string[] } }) =>
    !task_status.signals.includes('stopping');
  for (const id of ids) await waitUntil(context, id, stopped, { signal }).catch(() => {}); // reported as remaining
  return context.run('clear', { ids, status: [], endedBefore: null, dryRun: false });
}
