import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  usage: 'FILE',
  summary: 'Puts a backup in the place of the store.',
  about:
    'The backup is checked first; then it is put in place at once, or nothing is changed. What was there is kept as tasks.db.N.bak. Refused while workers live (exit 4). FILE.key, if there is one, becomes the key file of the store.',
  options: {
    force: {
      type: 'boolean',
      help: 'also while workers live, which end with what they run, or when the store is damaged',
    },
  },
  args: { min: 1, max: 1 },
  examples: ['offstage store restore ~/backups/tasks.db', 'offstage store restore .offstage/tasks.db.1.bak --force'],
  async run(call) {
    const verbs = await call.local();
    const restored = await verbs.file.restore(call.args[0] ?? '', { force: call.flags.force });
    const kept = restored.kept === null ? '' : `; what was there is ${restored.kept}`;
    call.answer(
      { ok: true, store: verbs.store, ...restored },
      `${verbs.store} is ${restored.from} now (${restored.tasks} tasks)${kept}`,
    );
    return 0;
  },
});
