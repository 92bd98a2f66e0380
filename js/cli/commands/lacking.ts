/** What is told of a task that nobody can run as things are. */

import type { TaskVerbs } from '../../ports/verbs.ts';
import type { Lacks } from '../../wire/answers.ts';
import type { TaskJson } from '../../wire/task.ts';
import type { Call } from '../command.ts';

/** What it lacks; nothing is asked about one that is not pending. */
export async function lackingOf(verbs: TaskVerbs, task: TaskJson): Promise<Lacks | undefined> {
  return task.status === 'pending' ? verbs.lacks(task.task_id) : undefined;
}

/** Tells who waits for a recipe in code that nobody serves that no worker of ours can run it. */
export async function tellApp(call: Call, verbs: TaskVerbs, id: string): Promise<void> {
  if (call.globals.json || call.globals.quiet) return;
  const { app } = await verbs.lacks(id);
  if (app === null) return;
  const { appToStart } = await import('../human/status.ts');
  call.tell(`Nobody serves it: ${appToStart(app)}`);
}
