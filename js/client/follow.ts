/** Tasks as they go on. What is followed keeps the process alive; whoever leaves the loop ends that. */
import { eventJson } from '../wire/convert.ts';
import type { TaskEventJson } from '../wire/event.ts';
import { isTerminal, type TaskJson } from '../wire/task.ts';
import { Bell, DECIDE_EVERY, Decisions } from './bell.ts';
import type { Context } from './context.ts';
import { checkedAfter, readEvents } from './events.ts';
import { GivenBack } from './given-back.ts';
import { glance, look } from './read.ts';
import { ensureWorker } from './workers.ts';

/** Events in order, none twice, until the task has ended and its work has stopped or was given up. */
export async function* follow(
  context: Context,
  id: string,
  options: { after?: number; signal?: AbortSignal } = {},
): AsyncGenerator<TaskEventJson, void, undefined> {
  let cursor = checkedAfter(options.after);
  for await (const _ of changes(context, id, options.signal)) {
    for (;;) {
      const page = await readEvents(context, id, cursor);
      for (const event of page.events) {
        cursor = event.seq;
        yield eventJson(id, event);
        if (options.signal?.aborted) return;
      }
      if (page.over && cursor >= page.lastSeq) return;
      if (page.events.length === 0 || cursor >= page.lastSeq) break;
    }
  }
}

/** The task whenever it is another than before. What time alone changes (duration, lease) is no change. */
export async function* watch(
  context: Context,
  id: string,
  { signal }: { signal?: AbortSignal } = {},
): AsyncGenerator<TaskJson, void, undefined> {
  let shown: string | undefined;
  for await (const task of changes(context, id, signal)) {
    const facts = JSON.stringify({ ...task, duration: null, worker: task.worker?.id });
    if (facts === shown) continue;
    shown = facts;
    yield await look(context, id);
    if (isTerminal(task.status) && !task.task_status.signals.includes('stopping')) return;
  }
}

/** The small facts at once, after every commit of any process, and once a second; ends with the signal. */
async function* changes(
  context: Context,
  id: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<TaskJson, void, undefined> {
  if (signal?.aborted) return;
  await context.run('due', {});
  await glance(context, id); // before the store is opened: one that does not exist is not made
  const bell = new Bell(await context.store(), { signal });
  try {
    const givenBack = new GivenBack(context);
    for (const decisions = new Decisions(); ; ) {
      const task = await glance(context, id);
      yield task;
      if (signal?.aborted) return;
      await givenBack.tell(task);
      if (task.status === 'pending') await ensureWorker(context, task);
      await bell.rings(DECIDE_EVERY);
      if (decisions.isTime()) await context.run('due', {});
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    bell.close();
  }
}
