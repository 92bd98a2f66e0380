import { parseDuration } from '../../core/index.ts';
import type { AbortSignal } from '../../wire/globals.ts';
import { isTerminal, type TaskJson } from '../../wire/task.ts';
import { GivenBack } from '../staff/given-back.ts';
import { MissingValues } from '../staff/missing.ts';
import { ensureWorker } from '../staff/workers.ts';
import type { VerbContext } from '../verb-context.ts';
import { glance, look } from '../verbs/read.ts';
import type { Duration, Waited } from '../verbs.ts';
import { Bell, DECIDE_EVERY, Decisions } from './bell.ts';

export interface WaitOptions {
  timeout?: Duration | undefined;
  signal?: AbortSignal | undefined;
}

/** Waits until the task is terminal or the time is over. Changes nothing: when it expires, the task runs on. */
export async function wait(context: VerbContext, id: string, options: WaitOptions = {}): Promise<Waited> {
  await waitUntil(context, id, ({ status }) => isTerminal(status), options);
  const task = await look(context, id);
  if (isTerminal(task.status)) return { task, wait_status: 'ok' };
  const { problem } = context.starts;
  return { task, wait_status: 'timeout', ...(task.status === 'pending' && problem !== undefined ? { problem } : {}) };
}

/** Looks at the task after every commit, and once a second, until it is as wanted or the time is over. */
export async function waitUntil(
  context: VerbContext,
  id: string,
  wanted: (task: TaskJson) => boolean,
  { timeout, signal }: WaitOptions,
): Promise<void> {
  signal?.throwIfAborted();
  const end = performance.now() + (timeout === undefined ? Number.POSITIVE_INFINITY : waitMs(timeout));
  await context.run('due', {});
  let task = await glance(context, id);
  if (wanted(task) || performance.now() >= end) return;
  const bell = new Bell(await context.store(), { signal });
  try {
    task = await glance(context, id); // a commit before the bell was hung up has not rung it
    const givenBack = new GivenBack(context);
    const missing = new MissingValues(context);
    for (const decisions = new Decisions(); !wanted(task) && performance.now() < end; ) {
      await givenBack.tell(task);
      const again = missing.tell(task);
      if (task.status === 'pending') await ensureWorker(context, task);
      await bell.rings(Math.min(DECIDE_EVERY, again, end - performance.now()));
      if (decisions.isTime()) await context.run('due', {});
      task = await glance(context, id);
    }
  } finally {
    bell.close();
  }
}

/** A timeout in milliseconds. */
export function waitMs(timeout: Duration): number {
  return timeout === Number.POSITIVE_INFINITY ? timeout : parseDuration(timeout, 'timeout') * 1000;
}
