import { InvalidArgumentError } from '../../../errors/argument.ts';
import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  usage: 'ID…\n--dead',
  summary: 'Tries deliveries anew, now and as often as new ones.',
  about:
    'Those that were given up, or that wait for their next try. Where one is not there, or was delivered, nothing is done.',
  options: {
    dead: { type: 'boolean', help: 'all that were given up' },
  },
  args: { min: 0, max: Number.POSITIVE_INFINITY },
  examples: ['offstage notify retry msg_0f…', 'offstage notify retry --dead'],
  async run(call) {
    const { dead } = call.flags;
    if (dead !== (call.args.length === 0)) {
      throw new InvalidArgumentError('--dead or ids of deliveries: expected one of them', { option: '--dead' });
    }
    const ids = await (await call.verbs()).retryDeliveries(dead ? { dead: true } : call.args);
    call.answer({ ok: true, ids }, `${ids.length} tried anew`);
    return 0;
  },
});
