import { defineCommand } from '../../command.ts';
import { escaped } from '../../human/escape.ts';
import { answerService, KINDS, kindOf } from './service-options.ts';

export const command = defineCommand({
  usage: '',
  summary: "Writes the file that has the store's worker start with its user, and says what to type then.",
  about:
    'Nothing is started, and no command is run: type what it prints. Variables for the worker stand in ~/.config/offstage/env (systemd), a line NAME=VALUE each.',
  options: KINDS,
  args: { min: 0, max: 0 },
  examples: ['offstage service install', 'offstage service install --store .offstage/tasks.db --json'],
  async run(call) {
    const service = await (await call.services()).install(kindOf(call.flags));
    const { changed, ...known } = service;
    answerService(call, known, { changed }, service.commands.join('\n'));
    call.tell(`${changed ? 'Written' : 'Unchanged'}: ${escaped(service.path)}; type what stands above to start it.`);
    return 0;
  },
});
