import type { AbortSignal } from '../../wire/globals.ts';
import type { VerbContext } from '../verb-context.ts';
import { glance } from '../verbs/read.ts';
import { Bell } from './bell.ts';
import { hubOf } from './hub.ts';

/** Looks at a task that was cancelled whenever something has happened to it until its work has really ended. */
export async function untilStopped(context: VerbContext, id: string, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await context.due();
  if (await hasStopped(context, id)) return;
  const store = await context.store();
  const bell = new Bell((ring) => hubOf(context).told(store, id, ring), { signal });
  try {
    // at first at once: a commit before the bell was hung up has not rung it
    while (!(await hasStopped(context, id))) await bell.rings();
  } finally {
    bell.close();
  }
}

const hasStopped = async (context: VerbContext, id: string): Promise<boolean> =>
  !(await glance(context, id)).task_status.signals.includes('stopping');
