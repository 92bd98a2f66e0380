/** What is told of a task that no living worker can run. */
import type { Lacks, Verbs } from '../../client/index.ts';
import type { TaskJson } from '../../wire/task.ts';
import type { Call } from '../command.ts';

/** What it lacks; nothing is asked about a task that lacks nothing. */
export async function lackingOf(verbs: Verbs, task: TaskJson): Promise<Lacks | undefined> {
  return task.task_status.next_action === 'worker' ? verbs.lacks(task.task_id) : undefined;
}

/** Tells who waits for a recipe in code that nobody serves that no worker of ours can run it. */
export async function tellApp(call: Call, verbs: Verbs, id: string): Promise<void> {
  if (call.globals.json || call.globals.quiet) return;
  const { app } = await verbs.lacks(id);
  if (app === null) return;
  const { appToStart } = await import('../human/status.ts');
  call.tell(`Nobody serves it: ${appToStart(app)}`);
}
