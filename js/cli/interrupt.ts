/** Ctrl-C and SIGTERM while a command waits. */
import { TaskError } from '../errors/base.ts';
import type { EndSignal, IO } from './io.ts';

/** The command was asked to end; `code` is `interrupted` for SIGINT and `terminated` for SIGTERM. */
export class InterruptedError extends TaskError {
  override readonly name = 'InterruptedError';
  /** The command that goes on where this one ended. */
  readonly next: string | undefined;
  constructor(signal: EndSignal, message: string, tasks?: string | readonly string[], next?: string) {
    const [taskId, about] =
      tasks === undefined || typeof tasks === 'string' ? [tasks, { task_id: tasks }] : [undefined, { task_ids: tasks }];
    super(signal === 'SIGINT' ? 'interrupted' : 'terminated', message, { taskId, details: { signal, ...about } });
    this.next = next;
  }
}

/** Gives `work` a signal that Ctrl-C or SIGTERM aborts; `because` makes the error that it is aborted with. */
export async function interruptible<T>(
  io: IO,
  because: (signal: EndSignal) => Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const off = io.onSignal((signal) => controller.abort(because(signal)));
  try {
    return await work(controller.signal);
  } finally {
    off();
  }
}

/** What a command does for tasks that go on without it, and the command that does so again. */
export interface Stoppable {
  /** As the message says it. */
  doing: 'waiting' | 'following' | 'watching' | 'telling';
  /** Which tasks; absent where it is about no certain ones. */
  ids?: readonly string[];
  /** As a user types it. */
  again: string;
}

/** Ctrl-C ends what is done here only: the tasks go on, and the error says how to take it up again. */
export function stoppable<T>(io: IO, what: Stoppable, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { doing, ids, again } = what;
  const which = ids?.length === 1 ? ids[0] : ids;
  const message = `stopped ${doing}; ${whoGoesOn(ids, doing === 'waiting' ? 'run' : 'go')}`;
  return interruptible(io, (signal) => new InterruptedError(signal, message, which, again), work);
}

/** `task task_9f… runs on`, `3 tasks run on`. */
function whoGoesOn(ids: readonly string[] | undefined, verb: 'run' | 'go'): string {
  if (ids === undefined) return `the tasks ${verb} on`;
  const [id] = ids;
  return ids.length === 1 ? `task ${id} ${verb === 'go' ? 'goes' : 'runs'} on` : `${ids.length} tasks ${verb} on`;
}
