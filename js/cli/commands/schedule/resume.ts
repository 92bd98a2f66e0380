import { defineCommand } from '../../command.ts';
import { catchUp } from './catch-up.ts';
import { scheduleText } from './text.ts';

export const command = defineCommand({
  usage: 'NAME',
  summary: 'Has a schedule go on that is paused or broken. Starts a worker.',
  options: {
    'catch-up': {
      type: 'string',
      value: 'one|none|N',
      help: 'moments of the pause that are made up for, the newest',
      default: 'none',
    },
  },
  args: { min: 1, max: 1 },
  examples: ['offstage schedule resume report', 'offstage schedule resume report --catch-up one'],
  async run(call) {
    const [which = ''] = call.args;
    const given = call.flags['catch-up'];
    const options = given === undefined ? {} : { catchUp: catchUp(given) };
    const schedule = await (await call.verbs()).schedules.resume(which, options);
    call.answer({ ok: true, ...schedule }, scheduleText(schedule));
    return 0;
  },
});
