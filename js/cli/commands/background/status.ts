import type { Verbs } from '../../../client/index.ts';
import type { TaskJson } from '../../../wire/task.ts';
import { type Call, defineCommand, ID_OPTION } from '../../command.ts';
import { givenId } from '../ids.ts';
import { taskText } from '../shown.ts';

export const command = defineCommand({
  usage: 'ID',
  summary: 'Shows one task. ID may be its first hex digits, 4 or more, with or without task_.',
  about:
    'With --watch it is shown again whenever it has changed, until it has ended and its work has stopped; with --json each time as a line. Ctrl-C ends the watching only.',
  options: { id: ID_OPTION, watch: { type: 'boolean', help: 'go on until the task has ended' } },
  args: { min: 0, max: 1 },
  examples: [
    'offstage background status 9f1c20ab',
    'offstage background status 9f1c20ab --json',
    'offstage background status 9f1c20ab --watch',
  ],
  async run(call) {
    const given = givenId(call);
    const verbs = await call.verbs();
    const id = await verbs.resolve(given);
    if (call.flags.watch) await watch(call, verbs, id);
    else await show(call, verbs, await verbs.get(id));
    return 0;
  },
});

async function show(call: Call, verbs: Verbs, task: TaskJson): Promise<void> {
  if (call.globals.json) call.answer({ ok: true, ...task }, '');
  else call.answer({}, await taskText(call, verbs, task));
}

/** One line a change; a person sees the whole task at the end. */
async function watch(call: Call, verbs: Verbs, id: string): Promise<void> {
  const { InterruptedError, interruptible } = await import('../../interrupt.ts');
  const { taskLine } = await import('../../human/list.ts');
  const { lookOf } = await import('../../human/look.ts');
  const look = lookOf(call);
  let last: TaskJson | undefined;
  await interruptible(
    call.io,
    (signal) => new InterruptedError(signal, `stopped watching; task ${id} goes on`, id),
    async (signal) => {
      for await (const task of verbs.watch(id, { signal })) {
        last = task;
        call.answer({ ok: true, ...task }, taskLine(task, look));
        if (call.io.stdout.closed) return;
      }
      signal.throwIfAborted();
    },
  );
  if (last !== undefined && !call.globals.json) await show(call, verbs, last);
}
