import { defineCommand } from '../../command.ts';
import { escaped } from '../../human/escape.ts';
import { answerService, KINDS, kindOf } from './service-options.ts';

export const command = defineCommand({
  usage: '',
  summary: 'Removes the file that install has written, and says what to type then.',
  options: KINDS,
  args: { min: 0, max: 0 },
  examples: ['offstage service uninstall'],
  async run(call) {
    const service = await (await call.services()).uninstall(kindOf(call.flags));
    const { removed, ...known } = service;
    answerService(call, known, { removed }, service.commands.join('\n'));
    call.tell(
      `${removed ? 'Removed' : 'There is no'} ${escaped(service.path)}; type what stands above to end what runs.`,
    );
    return 0;
  },
});
