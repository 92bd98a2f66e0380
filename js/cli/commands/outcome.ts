/** Ends of commands that exit by their task. */
import { refuseUndecoded } from '../../wire/outcome.ts';
import type { TaskJson } from '../../wire/task.ts';
import type { Call } from '../command.ts';
import { TaskEndedError } from '../exit.ts';

/** Prints a completed task's result, bare or as a document. Throws when the task failed or was cancelled. */
export function answerOutcome(call: Pick<Call, 'answer'>, task: TaskJson): void {
  const { task_id, status, result } = task;
  if (status !== 'completed') throw new TaskEndedError(task);
  refuseUndecoded(task);
  call.answer({ ok: true, task_id, status, result }, bare(result));
}

/** A text as it is, anything else as JSON. */
export function bare(result: unknown): string {
  return typeof result === 'string' ? result : JSON.stringify(result, null, 2);
}
