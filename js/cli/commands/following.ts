/** Events as they happen, until the tasks are over, nobody reads any more, or Ctrl-C, which ends the watching only. */
import type { Verbs } from '../../client/index.ts';
import type { TaskEventJson } from '../../wire/event.ts';
import type { Call } from '../command.ts';
import { InterruptedError, interruptible, tasksGoOn } from '../interrupt.ts';

/** Calls back with each event, until that answers false. `again` is the command that goes on after a Ctrl-C. */
export async function followEvents(
  call: Call,
  verbs: Verbs,
  tasks: readonly { id: string; after: number }[],
  { again }: { again: string },
  show: (event: TaskEventJson) => boolean,
): Promise<void> {
  const ids = tasks.map(({ id }) => id);
  const [first] = tasks;
  await interruptible(
    call.io,
    (signal) =>
      new InterruptedError(
        signal,
        `stopped following; ${tasksGoOn(ids, 'go')}`,
        ids.length === 1 ? ids[0] : ids,
        again,
      ),
    async (signal) => {
      const events =
        first !== undefined && tasks.length === 1
          ? verbs.follow(first.id, { signal, after: first.after })
          : verbs.followAll(tasks, { signal });
      for await (const event of events) if (!show(event) || call.io.stdout.closed) return;
      signal.throwIfAborted();
    },
  );
}
