import { InvalidArgumentError } from '../../../errors/argument.ts';
import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  usage: 'CHANNEL',
  summary: 'Sends a message to a channel now, to try it.',
  about:
    'The channel is one of the configuration that the folder of the store leads to, with :TARGET behind it where it needs one. The message is of type task.test. Exit 1 when it could not be delivered.',
  options: {},
  args: { min: 1, max: 1 },
  examples: ['offstage notify test ops', 'offstage notify test tg:12345'],
  async run(call) {
    const [address] = call.args;
    if (address === undefined) throw new InvalidArgumentError('no channel, expected one', { option: 'CHANNEL' });
    const tested = await (await call.local()).testChannel(address);
    const { delivered, error } = tested;
    call.answer({ ok: delivered, ...tested }, delivered ? `${address}: delivered` : `${address}: ${error}`);
    return delivered ? 0 : 1;
  },
});
