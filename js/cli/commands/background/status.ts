import type { Verbs } from '../../../client/index.ts';
import type { TaskJson } from '../../../wire/task.ts';
import { type Call, defineCommand } from '../../command.ts';
import { ANY_NUMBER, givenIds, IDS_OPTION, resolveAll } from '../ids.ts';
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
    const given = givenIds(call);
    const verbs = await call.verbs();
    const ids = await resolveAll(verbs, given);
    const several = given.length > 1;
    if (call.flags.watch) await watch(call, verbs, ids, several);
    else await show(call, verbs, await verbs.getAll(ids), several);
    return 0;
  },
});

async function show(call: Call, verbs: Verbs, tasks: readonly TaskJson[], several: boolean): Promise<void> {
  if (call.globals.json) return call.answer(document(tasks, several), '');
  const texts: string[] = [];
  for (const task of tasks) texts.push(await taskText(call, verbs, task));
  call.answer({}, texts.join('\n\n'));
}

const document = (tasks: readonly TaskJson[], several: boolean): Record<string, unknown> =>
  several ? { ok: true, tasks } : { ok: true, ...tasks[0] };

/** One line a change; a person sees all at the end. */
async function watch(call: Call, verbs: Verbs, ids: readonly string[], several: boolean): Promise<void> {
  const { InterruptedError, interruptible, tasksGoOn } = await import('../../interrupt.ts');
  const { taskLine } = await import('../../human/list.ts');
  const { lookOf } = await import('../../human/look.ts');
  const look = lookOf(call);
  let shown: TaskJson[] = [];
  await interruptible(
    call.io,
    (signal) =>
      new InterruptedError(
        signal,
        `stopped watching; ${tasksGoOn(ids, 'go')}`,
        several ? ids : ids[0],
        call.typed('status', ...ids, '--watch'),
      ),
    async (signal) => {
      for await (const tasks of verbs.watchAll(ids, { signal })) {
        const before = new Set(shown.map(factsOf));
        const changed = tasks.filter((task) => !before.has(factsOf(task)));
        call.answer(document(tasks, several), changed.map((task) => taskLine(task, look)).join('\n'));
        shown = tasks;
        if (call.io.stdout.closed) return;
      }
      signal.throwIfAborted();
    },
  );
  if (shown.length > 0 && !call.globals.json) await show(call, verbs, shown, several);
}

/** What time alone changes is no change. */
const factsOf = (task: TaskJson): string => JSON.stringify({ ...task, duration: null, worker: task.worker?.id });
