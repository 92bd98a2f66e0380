import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  usage: '',
  summary: 'Reads the whole store and says whether it is whole, which schema it has, and who works for it.',
  about:
    'Changes nothing, and may be run at any time. What is wrong is an error (exit 1) with one sentence each; restore a backup then.',
  options: {},
  args: { min: 0, max: 0 },
  examples: ['offstage store check', 'offstage store check --store .offstage/tasks.db --json'],
  async run(call) {
    const checked = await (await call.local()).file.check();
    const { path, schema, known_schema, tasks, workers, bytes, log_bytes } = checked;
    const total = Object.values(tasks).reduce((sum, n) => sum + n, 0);
    const older = schema < known_schema ? ` (this version writes ${known_schema}: offstage store migrate)` : '';
    const lines = [
      `${path} is whole`,
      `Schema: ${schema}${older}`,
      `Tasks: ${total}`,
      `Size: ${bytes} bytes, log ${log_bytes}`,
      ...workers.map(({ id, pid, host }) => `Worker: ${id} (pid ${pid} on ${host})`),
    ];
    call.answer({ ok: true, ...checked }, lines.join('\n'));
    return 0;
  },
});
