import { parseDuration } from '../core/index.ts';
import { InvalidArgumentError } from '../errors/index.ts';
import type { Ops } from '../store/types.ts';
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
  const olderThan = filter.olderThan === undefined ? null : parseDuration(filter.olderThan, 'olderThan') * 1000;
  const query = { ids: null, status: status.filter(isTerminal), olderThan, dryRun: filter.dryRun ?? false };
  const ended = onlyLive(status) ? NOTHING : await context.run('clear', query);
  if (filter.dryRun) {
    const task_ids = [...ended.ids, ...live];
    return { cleared: task_ids.length, task_ids, keys_freed: ended.keys, remaining: [] };
  }
  const stopped = live.length > 0 ? await stopAndRemove(context, live) : NOTHING;
  return {
    cleared: ended.ids.length + stopped.ids.length,
    task_ids: [...ended.ids, ...stopped.ids],
    keys_freed: ended.keys + stopped.keys,
    remaining: live.filter((id) => !stopped.ids.includes(id)),
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

function liveIds(context: Context, status: readonly TaskStatus[]): Promise<string[]> {
  return context.run('ids', { status: status.length > 0 ? status.filter((one) => LIVE.includes(one)) : LIVE });
}

async function stopAndRemove(context: Context, ids: readonly string[]): Promise<ReturnType<Ops['clear']>> {
  // Each by itself, in one commit: a damaged record must not keep the others from being cancelled.
  await Promise.allSettled(ids.map((id) => cancelAll(context, [id], 'clear')));
  const signal = AbortSignal.timeout(STOP_WITHIN * 1000);
  const stopped = ({ task_status }: { task_status: { signals: string[] } }) =>
    !task_status.signals.includes('stopping');
  for (const id of ids) await waitUntil(context, id, stopped, { signal }).catch(() => {}); // reported as remaining
  return context.run('clear', { ids, status: [], olderThan: null, dryRun: false });
}
