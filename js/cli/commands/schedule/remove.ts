import { defineCommand } from '../../command.ts';
import { scheduleText } from './text.ts';

export const command = defineCommand({
  usage: 'NAME',
  summary: 'Removes a schedule; its tasks go on.',
  options: {},
  args: { min: 1, max: 1 },
  examples: ['offstage schedule remove report'],
  async run(call) {
    const [which = ''] = call.args;
    const schedule = await (await call.verbs()).schedules.remove(which);
    call.answer({ ok: true, ...schedule }, `removed ${scheduleText(schedule)}`);
    return 0;
  },
});
