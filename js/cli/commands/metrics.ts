import { defineCommand } from '../command.ts';

export const command = defineCommand({
  usage: '',
  summary: 'Prints how the store stands, in the text format of Prometheus.',
  about:
    'For a textfile collector, or to look at. It only looks: no outcome counts as read, and no worker is started. Histograms are empty, as they count from the first look of a process on.',
  options: {},
  args: { min: 0, max: 0 },
  examples: ['offstage metrics', 'offstage metrics --json'],
  async run(call) {
    const metrics = await (await call.verbs({ worker: 'none' })).metrics();
    call.answer({ ok: true, metrics }, metrics);
    return 0;
  },
});
