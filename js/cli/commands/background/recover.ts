import { InvalidArgumentError } from '../../../errors/argument.ts';
import type { RecoveryJson } from '../../../wire/answers.ts';
import { isTerminal } from '../../../wire/task.ts';
import { type Call, defineCommand, ID_OPTION } from '../../command.ts';
import { givenId } from '../ids.ts';

export const command = defineCommand({
  usage: 'ID|--all',
  summary: 'Takes attempts away that will not end by themselves, and decides their tasks now.',
  about:
    'An attempt is overdue when its owner is gone, its lease is over, or its deadline is. Its processes are killed where they are local; then the task fails as lost, or is put back by its on_lost. A task that has ended is not recoverable: retry it.',
  options: {
    id: ID_OPTION,
    all: { type: 'boolean', help: 'every overdue task; with --force every running one' },
    force: { type: 'boolean', help: 'also attempts that are not overdue' },
    retry: { type: 'boolean', help: 'put the tasks back to pending, whatever their on_lost says' },
    'dry-run': { type: 'boolean', help: 'say what would be done, change nothing' },
  },
  args: { min: 0, max: 1 },
  examples: [
    'offstage background recover 9f1c20ab --dry-run',
    'offstage background recover 9f1c20ab --force --retry',
    'offstage background recover --all',
  ],
  async run(call) {
    const { flags } = call;
    if (flags.all && (call.args.length > 0 || flags.id !== undefined)) {
      throw new InvalidArgumentError('--all: got a task beside it, expected one of them', { option: '--all' });
    }
    const given = flags.all ? undefined : givenId(call);
    const verbs = await call.verbs();
    const which = given === undefined ? ({ all: true } as const) : await verbs.resolve(given);
    const { force, retry } = flags;
    const tasks = await verbs.recover(which, { force, retry, dryRun: flags['dry-run'] });
    call.answer({ ok: true, tasks }, tasks.length === 0 ? 'Nothing to recover' : tasks.map(sentence).join('\n'));
    for (const task of tasks) hint(call, task);
    return 0;
  },
});

function sentence({ task_id, result, status }: RecoveryJson): string {
  switch (result) {
    case 'applied':
      return `Recovered ${task_id}, which is ${status} now`;
    case 'would_apply':
      return `Would recover ${task_id}, which is ${status}`;
    case 'skipped_state_changed':
      return `Skipped ${task_id}: it was decided meanwhile, and is ${status}`;
    default:
      return `Skipped ${task_id}: it is ${status}${status === 'running' ? ' and not overdue' : ''}`;
  }
}

function hint(call: Call, { task_id, result, status }: RecoveryJson): void {
  if (result !== 'skipped_not_recoverable') return;
  if (status === 'running') call.tell(`Take it away all the same: ${call.typed('recover', task_id, '--force')}`);
  if (isTerminal(status)) call.tell(`Run it again: ${call.typed('retry', task_id)}`);
}
