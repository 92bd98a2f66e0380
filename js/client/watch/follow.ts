/** Tasks as they go on. What is followed keeps the process alive; whoever leaves the loop ends that. */
import { eventJson } from '../../wire/convert.ts';
import type { TaskEventJson } from '../../wire/event.ts';
import type { TaskJson } from '../../wire/task.ts';
import type { VerbContext } from '../verb-context.ts';
import { checkedAfter, readEvents } from '../verbs/events.ts';
import { tasksAsTheyGo, watchAll } from './several.ts';

/** Events in order, none twice, until the task has ended and its work has stopped or was given up. */
export async function* follow(
  context: VerbContext,
  id: string,
  options: { after?: number; signal?: AbortSignal } = {},
): AsyncGenerator<TaskEventJson, void, undefined> {
  let cursor = checkedAfter(options.after);
  for await (const _ of tasksAsTheyGo(context, [id], options.signal)) {
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

/** The task whenever it is another than before. */
export async function* watch(
  context: VerbContext,
  id: string,
  options: { signal?: AbortSignal } = {},
): AsyncGenerator<TaskJson, void, undefined> {
  for await (const tasks of watchAll(context, [id], options)) yield* tasks;
}
