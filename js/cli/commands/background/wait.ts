import type { TaskVerbs } from '../../../ports/verbs.ts';
import { isTerminal, type TaskJson } from '../../../wire/task.ts';
import { type Call, defineCommand } from '../../command.ts';
import { exitOfTasks } from '../../exit.ts';
import { duration } from '../../values.ts';
import { awaitTasks, NO_INPUT } from '../await-tasks.ts';
import { ANY_NUMBER, IDS_OPTION, openTasks } from '../ids.ts';
import { tellApp } from '../lacking.ts';
import { taskText } from '../shown.ts';

const options = {
  id: IDS_OPTION,
  timeout: { type: 'string', value: 'SECONDS', help: 'wait no longer; 0 looks once', default: 'no limit' },
  any: { type: 'boolean', help: 'wait for the first of several that ends' },
  ...NO_INPUT,
} as const;

export const command = defineCommand({
  usage: 'ID...',
  summary: 'Waits until tasks have ended, shows them and exits by them.',
  about:
    'Waiting changes nothing: when the time is over, or at Ctrl-C, the tasks run on. A worker is started when none lives. On a terminal each task has a line that is redrawn, and what it asks is asked there. Of several the exit code is that of the worst: failed (3) before cancelled (8) before still live (5); with --any of those that have ended.',
  options,
  args: ANY_NUMBER,
  examples: [
    'offstage background wait 9f1c20ab',
    'offstage background wait 9f1c20ab --timeout 60 --json',
    'offstage background wait 9f1c20ab de64a7f0 --any',
  ],
  async run(call) {
    const timeout = call.flags.timeout === undefined ? undefined : duration('--timeout', call.flags.timeout);
    const { verbs, ids, several } = await openTasks(call);
    for (const id of ids) await tellApp(call, verbs, id);
    const { any } = call.flags;
    const { tasks, wait_status } = await awaitTasks(call, verbs, ids, {
      any,
      timeout,
      noInput: call.flags['no-input'],
    });
    if (call.globals.json) call.answer(document(tasks, wait_status, several), '');
    else await show(call, verbs, tasks, several);
    if (wait_status === 'timeout') tellTimeout(call, tasks);
    const counted = any && wait_status === 'ok' ? tasks.filter(({ status }) => isTerminal(status)) : tasks;
    return exitOfTasks(counted.map(({ status }) => status));
  },
});

const document = (tasks: readonly TaskJson[], wait_status: string, several: boolean): Record<string, unknown> =>
  several ? { ok: true, tasks, wait_status } : { ok: true, ...tasks[0], wait_status };

/** One as `status` shows it, several a line each. */
async function show(call: Call, verbs: TaskVerbs, tasks: readonly TaskJson[], several: boolean): Promise<void> {
  const [task] = tasks;
  if (several || task === undefined) {
    const { taskLine } = await import('../../human/list.ts');
    const { lookOf } = await import('../../human/look.ts');
    const look = lookOf(call);
    call.answer({}, tasks.map((one) => taskLine(one, look)).join('\n'));
  } else call.answer({}, await taskText(call, verbs, task));
}

function tellTimeout(call: Call<typeof options>, tasks: readonly TaskJson[]): void {
  const { timeout = '' } = call.flags;
  const left = tasks.filter(({ status }) => !isTerminal(status)).map(({ task_id }) => task_id);
  const time = /[a-z]$/.test(timeout) ? timeout : `${timeout} s`;
  call.tell(
    `The wait timed out after ${time}; ${left.length === 1 ? 'the task runs' : `${left.length} tasks run`} on.`,
  );
  call.tell(`Go on: ${call.typed('wait', ...left)}`);
}
