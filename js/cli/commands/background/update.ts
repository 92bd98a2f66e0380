import { InvalidArgumentError } from '../../../errors/argument.ts';
import { defineCommand, ID_OPTION } from '../../command.ts';
import { givenId } from '../ids.ts';
import { tellApp } from '../lacking.ts';

export const command = defineCommand({
  usage: 'ID --code current',
  summary: 'Changes how a live task goes on.',
  about:
    'With --code current it goes on with the code that is there when it starts next, whatever its version, with the results of steps and the answers that it has. What runs now goes on as it is.',
  options: {
    id: ID_OPTION,
    code: { type: 'string', value: 'current', help: 'go on with the code that is there' },
  },
  args: { min: 0, max: 1 },
  examples: ['offstage background update 9f1c20ab --code current'],
  async run(call) {
    const { code } = call.flags;
    if (code === undefined)
      throw new InvalidArgumentError('nothing to change, expected --code current', { option: 'code' });
    const given = givenId(call);
    const verbs = await call.verbs();
    const task = await verbs.update(await verbs.resolve(given), { code: code as 'current' });
    call.answer({ ok: true, ...task }, `${task.task_id} goes on with the code that is there; it is ${task.status}`);
    await tellApp(call, verbs, task.task_id);
    return 0;
  },
});
