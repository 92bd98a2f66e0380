import { defineCommand } from '../../command.ts';
import { EXIT, exitOfCode } from '../../exit.ts';

export const command = defineCommand({
  usage: '',
  summary: 'Submits for all schedules that are due, and prints the ids of the tasks.',
  about:
    'For a system cron, where no worker stays: it starts one for what it has submitted. One that fails keeps no other from its turn; the exit is that of the first.',
  options: {},
  args: { min: 0, max: 0 },
  examples: ['offstage schedule run-due', 'offstage schedule run-due --quiet'],
  async run(call) {
    const { tasks, failed } = await (await call.verbs()).schedules.runDue();
    const ids = tasks.map(({ task_id }) => task_id);
    call.answer({ ok: true, task_ids: ids, failed }, ids.join('\n'));
    return failed[0] === undefined ? EXIT.ok.code : exitOfCode(failed[0].error.code);
  },
});
