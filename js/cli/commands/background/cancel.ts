import type { Cancelled } from '../../../client/index.ts';
import { InvalidArgumentError } from '../../../errors/argument.ts';
import { defineCommand } from '../../command.ts';
import { resolveAll } from '../ids.ts';

export const command = defineCommand({
  usage: 'ID...',
  summary: 'Cancels tasks, wherever they run. A task that has ended already is left as it is.',
  about: 'All ids are looked up first: when one is unknown, nothing is cancelled.',
  options: {
    id: { type: 'string', multiple: true, value: 'ID', help: 'a task; the same as an argument' },
    reason: { type: 'string', value: 'TEXT', help: 'why; the recipe is told' },
    wait: { type: 'boolean', help: 'return when the work has really stopped' },
    'dry-run': { type: 'boolean', help: 'say what would be cancelled, change nothing' },
  },
  args: { min: 0, max: Number.MAX_SAFE_INTEGER },
  examples: [
    'offstage background cancel 9f1c20ab',
    'offstage background cancel 9f1c20ab de64a7f0 --reason "wrong input" --wait',
  ],
  async run(call) {
    const { flags } = call;
    const given = [...call.args, ...flags.id];
    if (given.length === 0) throw new InvalidArgumentError('no task given, expected one id or more', { option: 'id' });
    const verbs = await call.verbs();
    const options = { ...(flags.reason === undefined ? {} : { reason: flags.reason }), dryRun: flags['dry-run'] };
    const ids = await resolveAll(verbs, given);
    if (ids.length > 1) for (const id of ids) await verbs.cancel(id, { dryRun: true }); // throws for an unknown one
    const done: Cancelled[] = [];
    for (const id of ids) done.push(await verbs.cancel(id, options));
    // all are cancelled before the first is waited for
    if (flags.wait && !flags['dry-run']) for (const id of ids) await verbs.cancel(id, { stopped: true });
    const mark = flags['dry-run'] ? { dry_run: true } : {};
    const text = done.map((one) => sentence(one, flags['dry-run'])).join('\n');
    const [first] = done;
    call.answer(given.length === 1 ? { ok: true, ...first, ...mark } : { ok: true, tasks: done, ...mark }, text);
    return 0;
  },
});

function sentence({ task_id, cancelled, status }: Cancelled, dryRun: boolean): string {
  if (!cancelled) return `${task_id} had ended already: ${status}`;
  return dryRun ? `Would cancel ${task_id}, which is ${status}` : `Cancelled ${task_id}`;
}
