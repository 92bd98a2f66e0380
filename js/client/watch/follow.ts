/** What happens to tasks. What is followed keeps the process alive; whoever leaves the loop ends that. */
import { eventJson } from '../../wire/convert.ts';
import type { TaskEventJson } from '../../wire/event.ts';
import type { AbortSignal } from '../../wire/globals.ts';
import type { FollowedTask } from '../../wire/requests.ts';
import type { VerbContext } from '../verb-context.ts';
import { checkedAfter, readEvents } from '../verbs/events.ts';
import { merged, readAll } from '../verbs/several-events.ts';
import { tasksAsTheyGo } from './changes.ts';

/** How to follow. */
interface Following {
  signal?: AbortSignal | undefined;
}

/** Events in order, none twice, until the tasks have ended and their work has stopped or was given up. */
export function follow(
  context: VerbContext,
  tasks: readonly FollowedTask[],
  options: Following = {},
): AsyncGenerator<TaskEventJson, void, undefined> {
  const [one] = tasks;
  if (one === undefined || tasks.length > 1) return followSeveral(context, tasks, options);
  return followOne(context, one, options);
}

async function* followOne(
  context: VerbContext,
  { id, after }: FollowedTask,
  { signal }: Following,
): AsyncGenerator<TaskEventJson, void, undefined> {
  let cursor = checkedAfter(after);
  for await (const _ of tasksAsTheyGo(context, new Map([[id, after]]), signal)) {
    for (;;) {
      const page = await readEvents(context, id, cursor);
      for (const event of page.events) {
        cursor = event.seq;
        yield eventJson(id, event);
        if (signal?.aborted) return;
      }
      if (page.over && cursor >= page.lastSeq) return;
      if (page.events.length === 0 || cursor >= page.lastSeq) break;
    }
  }
}

/** Those of one look are in the order in which they happened. */
async function* followSeveral(
  context: VerbContext,
  tasks: readonly FollowedTask[],
  { signal }: Following,
): AsyncGenerator<TaskEventJson, void, undefined> {
  const after = new Map(tasks.map((task) => [task.id, checkedAfter(task.after)]));
  for await (const _ of tasksAsTheyGo(context, after, signal)) {
    const pages = await readAll(
      context,
      Array.from(after, ([id, known]) => ({ id, after: known })),
    );
    for (const event of merged(pages)) {
      after.set(event.task_id, event.seq);
      yield event;
      if (signal?.aborted) return;
    }
    for (const { id, page } of pages) if (page.over) after.delete(id);
    if (after.size === 0) return;
  }
}
