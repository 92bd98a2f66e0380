import { defineCommand } from '../../command.ts';

export const command = defineCommand({
  usage: '',
  summary: 'Brings the store to the schema of this version, after a copy.',
  about:
    'The first write of a newer version does the same, and reading never does. Both are refused (exit 1) while a worker of an older version lives: it would end with what it runs.',
  options: { force: { type: 'boolean', help: 'also while workers of an older version live' } },
  args: { min: 0, max: 0 },
  examples: ['offstage store migrate', 'offstage store migrate --force'],
  async run(call) {
    const verbs = await call.local();
    const done = await verbs.file.migrate({ force: call.flags.force });
    const { migrated, from_schema, schema, backup } = done;
    call.answer(
      { ok: true, store: verbs.store, ...done },
      migrated
        ? `${verbs.store} has schema ${schema} now, it had ${from_schema}; the copy from before is ${backup}`
        : `${verbs.store} has schema ${schema} already`,
    );
    return 0;
  },
});
