import { defineCommand } from '../../command.ts';
import { stoppable } from '../../interrupt.ts';

export const command = defineCommand({
  usage: '',
  summary: 'Tells what is due by the channels whose variables are set here, until it is interrupted.',
  about:
    'Workers do the same beside their tasks. This is for where none has the variables of a channel, or for a cron job with --once.',
  options: {
    once: { type: 'boolean', help: 'what is due now, then end' },
  },
  args: { min: 0, max: 0 },
  examples: ['offstage notify run', 'offstage notify run --once'],
  async run(call) {
    const { once } = call.flags;
    const local = await call.local();
    let tries = 0;
    await stoppable(call.io, { doing: 'telling', again: call.typed('run') }, async (signal) => {
      tries = await local.tellDue({ once, signal });
    });
    call.answer({ ok: true, tries }, `${tries} tried`);
    return 0;
  },
});
