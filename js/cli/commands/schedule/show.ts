import { defineCommand } from '../../command.ts';
import { scheduleFacts } from './text.ts';

export const command = defineCommand({
  usage: 'NAME',
  summary: 'Shows a schedule.',
  options: {},
  args: { min: 1, max: 1 },
  examples: ['offstage schedule show report'],
  async run(call) {
    const [which = ''] = call.args;
    const schedule = await (await call.verbs()).schedules.get(which);
    call.answer({ ok: true, ...schedule }, scheduleFacts(schedule));
    return 0;
  },
});
