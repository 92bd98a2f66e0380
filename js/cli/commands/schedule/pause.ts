import { defineCommand } from '../../command.ts';
import { scheduleText } from './text.ts';

export const command = defineCommand({
  usage: 'NAME',
  summary: 'Pauses a schedule: nothing is submitted for it until it is resumed.',
  options: {},
  args: { min: 1, max: 1 },
  examples: ['offstage schedule pause report'],
  async run(call) {
    const [which = ''] = call.args;
    const schedule = await (await call.verbs()).schedules.pause(which);
    call.answer({ ok: true, ...schedule }, scheduleText(schedule));
    return 0;
  },
});
