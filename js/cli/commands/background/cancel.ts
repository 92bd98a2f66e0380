import type { Cancelled } from '../../../wire/answers.ts';
import { defineCommand } from '../../command.ts';
import { ANY_NUMBER, IDS_OPTION, openTasks } from '../ids.ts';

export const command = defineCommand({
  usage: 'ID...',
  summary: 'Cancels tasks, wherever they run. A task that has ended already is left as it is.',
  about: 'Several are cancelled in one commit; when one is unknown, none is.',
  options: {
    id: IDS_OPTION,
    reason: { type: 'string', value: 'TEXT', help: 'why; the recipe is told' },
    wait: { type: 'boolean', help: 'return when the work has really stopped' },
    'dry-run': { type: 'boolean', help: 'say what would be cancelled, change nothing' },
  },
  args: ANY_NUMBER,
  examples: [
    'offstage background cancel 9f1c20ab',
    'offstage background cancel 9f1c20ab de64a7f0 --reason "wrong input" --wait',
  ],
  async run(call) {
    const { flags } = call;
    const dryRun = flags['dry-run'];
    const { verbs, ids, several } = await openTasks(call);
    const tasks = await verbs.cancel(ids, {
      ...(flags.reason === undefined ? {} : { reason: flags.reason }),
      dryRun,
      stopped: flags.wait,
    });
    const mark = dryRun ? { dry_run: true } : {};
    const text = tasks.map((one) => sentence(one, dryRun)).join('\n');
    call.answer(several ? { ok: true, tasks, ...mark } : { ok: true, ...tasks[0], ...mark }, text);
    return 0;
  },
});

function sentence({ task_id, cancelled, status }: Cancelled, dryRun: boolean): string {
  if (!cancelled) return `${task_id} had ended already: ${status}`;
  return dryRun ? `Would cancel ${task_id}, which is ${status}` : `Cancelled ${task_id}`;
}
