import type { TaskVerbs } from '../../../ports/verbs.ts';
import { isTerminal, type TaskJson } from '../../../wire/task.ts';
import { type Call, defineCommand } from '../../command.ts';
import type { Stoppable } from '../../interrupt.ts';
import { ANY_NUMBER, IDS_OPTION, openTasks } from '../ids.ts';
import { taskText } from '../shown.ts';

export const command = defineCommand({
  usage: 'ID...',
  summary: 'Shows tasks. ID may be the first hex digits of one, 4 or more, with or without task_.',
  about:
    'With --watch they are shown again whenever one has changed, until all have ended and their work has stopped; with --json each time as a line. Ctrl-C ends the watching only.',
  options: { id: IDS_OPTION, watch: { type: 'boolean', help: 'go on until they have ended' } },
  args: ANY_NUMBER,
  examples: [
    'offstage background status 9f1c20ab',
    'offstage background status 9f1c20ab de64a7f0 --json',
    'offstage background status 9f1c20ab --watch',
  ],
  async run(call) {
    const { verbs, ids, several } = await openTasks(call);
    if (call.flags.watch) await watch(call, verbs, ids, several);
    else await show(call, verbs, await verbs.get(ids), several);
    return 0;
  },
});

async function show(call: Call, verbs: TaskVerbs, tasks: readonly TaskJson[], several: boolean): Promise<void> {
  if (call.globals.json) return call.answer(document(tasks, several), '');
  call.answer({}, await textOf(call, verbs, tasks));
}

/** Each as lines, an empty one between two. */
async function textOf(call: Call, verbs: TaskVerbs, tasks: readonly TaskJson[]): Promise<string> {
  const texts: string[] = [];
  for (const task of tasks) texts.push(await taskText(call, verbs, task));
  return texts.join('\n\n');
}

const document = (tasks: readonly TaskJson[], several: boolean): Record<string, unknown> =>
  several ? { ok: true, tasks } : { ok: true, ...tasks[0] };

/** In place on a terminal; else one line a change, and all at the end. */
async function watch(call: Call, verbs: TaskVerbs, ids: readonly string[], several: boolean): Promise<void> {
  const { canRedraw } = await import('../../live/terminal.ts');
  const stopped: Stoppable = { doing: 'watching', ids, again: call.typed('status', ...ids, '--watch') };
  if (!call.globals.json && canRedraw(call.io, call.io.stdout)) await redraw(call, verbs, ids, stopped);
  else await printChanges(call, verbs, ids, several, stopped);
}

async function redraw(call: Call, verbs: TaskVerbs, ids: readonly string[], stopped: Stoppable): Promise<void> {
  const { watchView } = await import('../../live/watching.ts');
  let rows = 0;
  const last = await watchView(call, {
    changes: (signal) => verbs.watch(ids, { signal, ticks: true }),
    async look(room, change) {
      const tasks = change as TaskJson[];
      rows = room?.rows ?? 0;
      return { document: {}, facts: '', text: await textOf(call, verbs, tasks), over: tasks.every(isOver) };
    },
    stopped,
  });
  if (last !== undefined && last.text.split('\n').length > rows) call.answer({}, last.text); // only a part was shown
}

const isOver = ({ status, task_status }: TaskJson): boolean =>
  isTerminal(status) && !task_status.signals.includes('stopping');

async function printChanges(
  call: Call,
  verbs: TaskVerbs,
  ids: readonly string[],
  several: boolean,
  stopped: Stoppable,
): Promise<void> {
  const { stoppable } = await import('../../interrupt.ts');
  const { taskLine } = await import('../../human/list.ts');
  const { lookOf } = await import('../../human/look.ts');
  const look = lookOf(call);
  let shown: TaskJson[] = [];
  await stoppable(call.io, stopped, async (signal) => {
    for await (const tasks of verbs.watch(ids, { signal })) {
      const before = new Set(shown.map(factsOf));
      const changed = tasks.filter((task) => !before.has(factsOf(task)));
      call.answer(document(tasks, several), changed.map((task) => taskLine(task, look)).join('\n'));
      shown = tasks;
      if (call.io.stdout.closed) return;
    }
    signal.throwIfAborted();
  });
  if (shown.length > 0 && !call.globals.json) await show(call, verbs, shown, several);
}

/** What time alone changes is no change. */
const factsOf = (task: TaskJson): string => JSON.stringify({ ...task, duration: null, worker: task.worker?.id });
