/** Waiting for one task, the most frequent case: one look a commit, and none after the one that sees its end. */
import type { StoredTask } from '../../store/types.ts';
import type { WaitedAll } from '../../wire/answers.ts';
import { isTerminal, type TaskJson } from '../../wire/task.ts';
import { GivenBack } from '../staff/given-back.ts';
import { MissingValues } from '../staff/missing.ts';
import { ensureWorker } from '../staff/workers.ts';
import type { VerbContext } from '../verb-context.ts';
import { look, peek, seen, seenLater } from '../verbs/read.ts';
import { storedJson } from '../verbs/stored-json.ts';
import { Bell, DECIDE_EVERY, Decisions } from './bell.ts';

/** How to wait for one task until a moment of the monotonic clock. */
interface OneWait {
  end: number;
  signal: AbortSignal | undefined;
  outcomeOnly: boolean;
}

/** Waits until the task is terminal or the time is over. Changes nothing: when it expires, the task runs on. */
export async function waitForOne(context: VerbContext, id: string, how: OneWait): Promise<WaitedAll> {
  const last = await lastOf(context, id, how);
  if (isTerminal(last.status)) {
    if (how.outcomeOnly) seenLater(context, last);
    return { tasks: [how.outcomeOnly ? storedJson(last) : await seen(context, last)], wait_status: 'ok' };
  }
  const task = await look(context, id);
  if (isTerminal(task.status)) return { tasks: [task], wait_status: 'ok' };
  const { problem } = context.starts;
  const isQueued = problem !== undefined && task.status === 'pending';
  return { tasks: [task], wait_status: 'timeout', ...(isQueued ? { problem } : {}) };
}

/** Looks after every commit, and once a second, until it has ended or the time is over; answers what was seen last. */
async function lastOf(context: VerbContext, id: string, { end, signal }: OneWait): Promise<StoredTask> {
  const isOver = (stored: StoredTask): boolean => isTerminal(stored.status) || performance.now() >= end;
  let stored = await lookDecided(context, id);
  if (isOver(stored)) return stored;
  const bell = new Bell(await context.store(), { signal });
  try {
    stored = await peek(context, id); // a commit before the bell was hung up has not rung it
    const givenBack = new GivenBack(context);
    const missing = new MissingValues(context);
    for (const decisions = new Decisions(); !isOver(stored); ) {
      const task: TaskJson = storedJson(stored);
      await givenBack.tell(task);
      const again = missing.tell(task);
      if (task.status === 'pending') await ensureWorker(context, task);
      await bell.rings(Math.min(DECIDE_EVERY, again, end - performance.now()));
      if (decisions.isTime()) await context.due();
      stored = await peek(context, id);
    }
    return stored;
  } finally {
    bell.close();
  }
}

/** Decides what is due and looks: at once, and again when something was decided meanwhile. */
async function lookDecided(context: VerbContext, id: string): Promise<StoredTask> {
  const [decided, stored] = await Promise.all([context.due(), peek(context, id)]);
  return decided > 0 ? peek(context, id) : stored;
}
