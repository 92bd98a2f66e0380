import type { AbortSignal } from '../../wire/globals.ts';
import type { VerbContext } from '../verb-context.ts';
import { glance } from '../verbs/read.ts';
import { Bell, DECIDE_EVERY, Decisions } from './bell.ts';

/** Looks at a task that was cancelled after every commit, and once a second, until its work has really ended. */
export async function untilStopped(context: VerbContext, id: string, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await context.due();
  if (await hasStopped(context, id)) return;
  const bell = new Bell(await context.store(), { signal });
  try {
    // at first at once: a commit before the bell was hung up has not rung it
    for (const decisions = new Decisions(); !(await hasStopped(context, id)); ) {
      await bell.rings(DECIDE_EVERY);
      if (decisions.isTime()) await context.due();
    }
  } finally {
    bell.close();
  }
}

const hasStopped = async (context: VerbContext, id: string): Promise<boolean> =>
  !(await glance(context, id)).task_status.signals.includes('stopping');
