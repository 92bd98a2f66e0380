/** Events as they happen, until the tasks are over, nobody reads any more, or Ctrl-C, which ends the watching only. */
import type { TaskVerbs } from '../../ports/verbs.ts';
import type { TaskEventJson } from '../../wire/event.ts';
import type { FollowedTask } from '../../wire/requests.ts';
import type { Call } from '../command.ts';
import { stoppable } from '../interrupt.ts';

/** Calls back with each event, until that answers false. `again` is the command that goes on after a Ctrl-C. */
export async function followEvents(
  call: Call,
  verbs: TaskVerbs,
  tasks: readonly FollowedTask[],
  { again }: { again: string },
  show: (event: TaskEventJson) => boolean,
): Promise<void> {
  const ids = tasks.map(({ id }) => id);
  await stoppable(call.io, { doing: 'following', ids, again }, async (signal) => {
    for await (const event of verbs.follow(tasks, { signal })) if (!show(event) || call.io.stdout.closed) return;
    signal.throwIfAborted();
  });
}
