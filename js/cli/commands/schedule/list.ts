import { defineCommand } from '../../command.ts';
import { scheduleTable } from './text.ts';

export const command = defineCommand({
  usage: '',
  summary: 'Lists the schedules, and whether a worker lives that submits for them.',
  about: 'A look only: no worker is started.',
  options: {},
  args: { min: 0, max: 0 },
  examples: ['offstage schedule list', 'offstage schedule list --json'],
  async run(call) {
    const schedules = await (await call.verbs()).schedules.list();
    call.answer({ ok: true, schedules }, scheduleTable(schedules));
    if (schedules.some(({ schedule_status }) => schedule_status.signal === 'no_worker')) {
      call.tell(`No worker lives that would submit. Start one: ${call.typed('worker')}`);
    }
    return 0;
  },
});
