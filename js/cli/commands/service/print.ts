import { defineCommand } from '../../command.ts';
import { answerService, KINDS, kindOf } from './service-options.ts';

export const command = defineCommand({
  usage: '',
  summary: "Prints what has the store's worker start with its user, and writes nothing.",
  options: KINDS,
  args: { min: 0, max: 0 },
  examples: ['offstage service print', 'offstage service print --cron'],
  async run(call) {
    const service = await (await call.services()).print(kindOf(call.flags));
    answerService(call, service, {}, service.unit);
    return 0;
  },
});
