/** Ctrl-C and SIGTERM while a command waits. */
import { TaskError } from '../errors/base.ts';
import type { EndSignal, IO } from './io.ts';

/** The command was asked to end; `code` is `interrupted` for SIGINT and `terminated` for SIGTERM. */
export class InterruptedError extends TaskError {
  override readonly name = 'InterruptedError';
  constructor(signal: EndSignal, message: string, taskId?: string) {
    super(signal === 'SIGINT' ? 'interrupted' : 'terminated', message, {
      taskId,
      details: { signal, task_id: taskId },
    });
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
