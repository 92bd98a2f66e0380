/** Ending tasks, and the runner. */
import { invalid } from '../errors/index.ts';
import type { TaskStatus } from '../wire/task.ts';
import type { Duration } from '../wire/task-handle.ts';
import type { Entry } from './entry.ts';
import type { Inner } from './inner.ts';
import { checkStatus, entriesOf } from './list.ts';
import { checkObject, spanMs } from './spec.ts';
import { endThreads } from './thread.ts';
import { recordOf } from './view.ts';

/** Which ended tasks to drop. */
export interface RunnerClearFilter {
  /** Cancel the live ones first. */
  all?: boolean | undefined;
  /** Only tasks that ended at least this long ago. */
  olderThan?: Duration | undefined;
  /** Only tasks of these statuses. Default: all that have ended. */
  status?: readonly TaskStatus[] | undefined;
}

export interface StopOptions {
  /** How long running tasks get to end. Default 0. */
  drain?: Duration | undefined;
}

const CLEAR_KEYS: Record<keyof RunnerClearFilter, true> = { all: true, olderThan: true, status: true };
const STOP_KEYS: Record<keyof StopOptions, true> = { drain: true };

export function cancelAll(inner: Inner, reason: string | undefined): number {
  if (reason !== undefined && typeof reason !== 'string') throw invalid('reason', reason, 'a text');
  if (reason !== undefined) for (const entry of entriesOf(inner, true, false)) inner.extraOf(entry).reason = reason;
  return inner.driver.cancelAll(reason);
}

export function clear(inner: Inner, filter: RunnerClearFilter): number {
  checkObject('filter', filter, CLEAR_KEYS);
  const { all = false, olderThan, status } = filter;
  if (typeof all !== 'boolean') throw invalid('all', all, 'true or false');
  checkStatus(status);
  const age = olderThan === undefined ? 0 : spanMs(olderThan, 'olderThan');
  if (all) cancelAll(inner, undefined);
  const before = inner.platform.wall() - age;
  const wanted = (entry: Entry): boolean =>
    (status === undefined || status.includes(inner.driver.statusOf(entry))) &&
    (age === 0 || (recordOf(inner, entry).completed_at ?? Number.POSITIVE_INFINITY) <= before);
  let dropped = 0;
  for (const entry of entriesOf(inner, false, true)) {
    if (entry.kept !== undefined || !wanted(entry)) continue;
    inner.driver.after((runner, now) => {
      if (runner.drop(entry.slot)) dropped += 1;
      return runner.take(now);
    });
  }
  return dropped;
}

export async function stop(inner: Inner, options: StopOptions): Promise<void> {
  checkObject('options', options, STOP_KEYS);
  const { drain = 0 } = options;
  const ms = spanMs(drain, 'drain');
  const reason = 'the runner was stopped';
  for (const entry of entriesOf(inner, true, false)) inner.extraOf(entry).reason ??= reason;
  inner.driver.after((runner, now) => runner.stop(ms, now));
  await inner.whenTold((runner, now) => runner.idle(now));
  inner.hub.close();
  await endThreads(inner);
}
