import type { ScheduleAttention } from '../../../wire/schedule.ts';
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
    const has = (wanted: ScheduleAttention['signal']) =>
      schedules.some(({ schedule_status }) => schedule_status.signal === wanted);
    if (has('no_worker')) call.tell(`No worker lives that would submit. Start one: ${call.typed('worker')}`);
    if (has('no_codec'))
      call.tell('No worker can decode what is to be submitted: name the codec in the configuration.');
    return 0;
  },
});
