import { parseDuration } from '../../core/index.ts';
import type { StoredTask } from '../../store/types.ts';
import type { AbortSignal } from '../../wire/globals.ts';
import { isTerminal, type TaskJson } from '../../wire/task.ts';
import { GivenBack } from '../staff/given-back.ts';
import { MissingValues } from '../staff/missing.ts';
import { ensureWorker } from '../staff/workers.ts';
import type { VerbContext } from '../verb-context.ts';
import { glance, look, peek, seen, seenLater } from '../verbs/read.ts';
import { storedJson } from '../verbs/stored-json.ts';
import type { Duration, Waited } from '../verbs.ts';
import { Bell, DECIDE_EVERY, Decisions } from './bell.ts';

export interface WaitOptions {
  timeout?: Duration | undefined;
  signal?: AbortSignal | undefined;
  /** Only the outcome is shown, not until when it is kept (`drop_at`). */
  outcomeOnly?: boolean | undefined;
}

/** Waits until the task is terminal or the time is over. Changes nothing: when it expires, the task runs on. */
export async function wait(context: VerbContext, id: string, options: WaitOptions = {}): Promise<Waited> {
  let last: StoredTask | undefined;
  const peekAt = async (): Promise<TaskJson> => {
    last = await peek(context, id);
    return storedJson(last);
  };
  const ended = await waitUntil(context, id, ({ status }) => isTerminal(status), options, peekAt);
  if (last !== undefined && isTerminal(last.status)) {
    if (options.outcomeOnly) seenLater(context, last);
    return { task: options.outcomeOnly ? ended : await seen(context, last), wait_status: 'ok' };
  }
  const task = await look(context, id);
  if (isTerminal(task.status)) return { task, wait_status: 'ok' };
  const { problem } = context.starts;
  return { task, wait_status: 'timeout', ...(task.status === 'pending' && problem !== undefined ? { problem } : {}) };
}

/** Looks at the task after every commit, and once a second, until it is as wanted or the time is over; then that is answered. */
export async function waitUntil(
  context: VerbContext,
  id: string,
  wanted: (task: TaskJson) => boolean,
  { timeout, signal }: WaitOptions,
  look = () => glance(context, id),
): Promise<TaskJson> {
  signal?.throwIfAborted();
  const end = performance.now() + (timeout === undefined ? Number.POSITIVE_INFINITY : waitMs(timeout));
  let task = await lookDecided(context, look);
  if (wanted(task) || performance.now() >= end) return task;
  const bell = new Bell(await context.store(), { signal });
  try {
    task = await look(); // a commit before the bell was hung up has not rung it
    const givenBack = new GivenBack(context);
    const missing = new MissingValues(context);
    for (const decisions = new Decisions(); !wanted(task) && performance.now() < end; ) {
      await givenBack.tell(task);
      const again = missing.tell(task);
      if (task.status === 'pending') await ensureWorker(context, task);
      await bell.rings(Math.min(DECIDE_EVERY, again, end - performance.now()));
      if (decisions.isTime()) await context.run('due', {});
      task = await look();
    }
    return task;
  } finally {
    bell.close();
  }
}

/** Decides what is due and looks: at once, and again when something was decided meanwhile. */
async function lookDecided(context: VerbContext, look: () => Promise<TaskJson>): Promise<TaskJson> {
  const [decided, task] = await Promise.all([context.run('due', {}), look()]);
  return decided > 0 ? look() : task;
}

/** A timeout in milliseconds. */
export function waitMs(timeout: Duration): number {
  return timeout === Number.POSITIVE_INFINITY ? timeout : parseDuration(timeout, 'timeout') * 1000;
}
