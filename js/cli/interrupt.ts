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

/** `task task_9f… runs on`, `3 tasks run on`. */
export function tasksGoOn(ids: readonly string[], verb = 'run'): string {
  const [id] = ids;
  if (ids.length === 1) return `task ${id} ${verb === 'go' ? 'goes' : `${verb}s`} on`;
  return `${ids.length} tasks ${verb} on`;
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
