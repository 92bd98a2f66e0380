/** Tasks whenever they are others than before. What is watched keeps the process alive; whoever leaves the loop ends that. */
import type { WatchOptions } from '../../ports/verbs.ts';
import { isTerminal, type TaskJson } from '../../wire/task.ts';
import type { VerbContext } from '../verb-context.ts';
import { glanceAll, lookAll } from '../verbs/read.ts';
import { tasksAsTheyGo } from './changes.ts';

/** What time alone changes (duration, lease) is no change, unless `ticks` are wanted. */
export async function* watch(
  context: VerbContext,
  ids: readonly string[],
  { signal, ticks = false }: WatchOptions = {},
): AsyncGenerator<TaskJson[], void, undefined> {
  let shown: string | undefined;
  for await (const _ of tasksAsTheyGo(context, new Map(ids.map((id) => [id, true])), signal)) {
    const tasks = await glanceAll(context, ids);
    const facts = JSON.stringify(tasks.map((task) => ({ ...task, duration: null, worker: task.worker?.id })));
    if (facts === shown && !ticks) continue;
    shown = facts;
    yield await lookAll(context, ids);
    if (tasks.every(hasStopped)) return;
  }
}

const hasStopped = ({ status, task_status }: TaskJson): boolean =>
  isTerminal(status) && !task_status.signals.includes('stopping');
