import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  usage: '[FILE]',
  summary: 'Copies the store as it is at one moment, while others go on.',
  about:
    'FILE must not be there; by default it is the first free tasks.db.N.bak beside the store. Only you can read it. The key file of the store goes along, to FILE.key. The copy is checked before it counts.',
  options: {},
  args: { min: 0, max: 1 },
  examples: ['offstage store backup', 'offstage store backup ~/backups/tasks.db'],
  async run(call) {
    const copied = await (await call.local()).file.backup(call.args[0]);
    const key = copied.key === null ? '' : `, its key ${copied.key}`;
    call.answer({ ok: true, ...copied }, `${copied.path} (${copied.tasks} tasks, ${copied.bytes} bytes${key})`);
    return 0;
  },
});
