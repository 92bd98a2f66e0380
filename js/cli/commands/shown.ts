/** A task as a person is shown it. */
import type { TaskVerbs } from '../../ports/verbs.ts';
import type { TaskJson } from '../../wire/task.ts';
import type { Call } from '../command.ts';
import { lackingOf } from './lacking.ts';

/** The lines of `background status`, with what is known beside the task. */
export async function taskText(call: Call, verbs: TaskVerbs, task: TaskJson): Promise<string> {
  const { statusText } = await import('../human/status.ts');
  const { lookOf } = await import('../human/look.ts');
  const lacks = await lackingOf(verbs, task);
  const cancellation = task.status === 'cancelled' ? await verbs.cancellation(task.task_id) : undefined;
  return statusText(task, { typed: call.typed, contents: call.contents, lacks, cancellation }, lookOf(call));
}
