/** Waiting for tasks, as `wait`, `submit --wait` and `recipe run` do. */
import type { Duration, Verbs, WaitedAll } from '../../client/index.ts';
import type { Call } from '../command.ts';
import { InterruptedError, interruptible, tasksGoOn } from '../interrupt.ts';

interface Options {
  any?: boolean;
  timeout?: Duration;
}

/** Waits for all, or for the first of them. At Ctrl-C they run on: `InterruptedError` says how to wait again. */
export function awaitTasks(call: Call, verbs: Verbs, ids: readonly string[], options: Options): Promise<WaitedAll> {
  const [id] = ids;
  return interruptible(
    call.io,
    (signal) =>
      new InterruptedError(
        signal,
        `stopped waiting; ${tasksGoOn(ids)}`,
        ids.length === 1 ? id : ids,
        call.typed('wait', ...ids, ...(options.any ? ['--any'] : [])),
      ),
    (signal) => {
      call.tell(`Waiting for ${ids.length === 1 ? id : `${ids.length} tasks`}; Ctrl-C ends the wait only`);
      return verbs.waitAll(ids, { ...options, signal });
    },
  );
}
