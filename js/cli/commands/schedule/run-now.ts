import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  usage: 'NAME',
  summary: 'Submits what a schedule submits, now, and prints the id of the task. What comes next stays.',
  about: 'Where a task of it is live its overlap decides, and nothing may be submitted.',
  options: {},
  args: { min: 1, max: 1 },
  examples: ['offstage schedule run-now report'],
  async run(call) {
    const [which = ''] = call.args;
    const tasks = await (await call.verbs()).schedules.runNow(which);
    const ids = tasks.map(({ task_id }) => task_id);
    call.answer({ ok: true, task_ids: ids }, ids.join('\n'));
    if (ids.length === 0) call.tell('A task of it is live, so nothing was submitted now.');
    return 0;
  },
});
