import { defineCommand, ID_OPTION } from '../../command.ts';
import { givenId } from '../ids.ts';

export const command = defineCommand({
  usage: 'ID',
  summary: 'Shows one task. ID may be its first hex digits, 4 or more, with or without task_.',
  options: { id: ID_OPTION },
  args: { min: 0, max: 1 },
  examples: ['offstage background status 9f1c20ab', 'offstage background status 9f1c20ab --json'],
  async run(call) {
    const given = givenId(call);
    const verbs = await call.verbs();
    const task = await verbs.get(await verbs.resolve(given));
    if (call.globals.json) {
      call.answer({ ok: true, ...task }, '');
    } else {
      const { statusText } = await import('../../human/status.ts');
      call.answer({}, statusText(task, call.typed));
    }
    return 0;
  },
});
