import type { Cleared, ClearFilter } from '../../../client/index.ts';
import { InvalidArgumentError } from '../../../errors/argument.ts';
import { isTerminal } from '../../../wire/task.ts';
import { defineCommand } from '../../command.ts';
import { duration, statuses } from '../../values.ts';

export const command = defineCommand({
  usage: '',
  summary: 'Removes tasks that have ended.',
  about:
    'With --all live tasks are cancelled first and given 6 s to stop; those that had not stopped are reported and stay.',
  options: {
    all: { type: 'boolean', help: 'also live tasks' },
    'older-than': { type: 'string', value: 'SECONDS', help: 'only tasks that ended at least so long ago' },
    status: { type: 'string', multiple: true, value: 'STATUS', help: 'only these states; done is completed' },
    'dry-run': { type: 'boolean', help: 'say what would be removed, change nothing' },
  },
  args: { min: 0, max: 0 },
  examples: ['offstage background clear --older-than 3600', 'offstage background clear --all --dry-run'],
  async run(call) {
    const { flags } = call;
    const filter: ClearFilter = { all: flags.all, dryRun: flags['dry-run'] };
    if (flags['older-than'] !== undefined) filter.olderThan = duration('--older-than', flags['older-than']);
    if (flags.status.length > 0) filter.status = statuses('--status', flags.status);
    const live = filter.status?.find((status) => !isTerminal(status));
    if (live !== undefined && !flags.all) {
      throw new InvalidArgumentError(
        `--status: got "${live}", which is live; expected an ended state, or --all as well`,
        {
          option: '--status',
        },
      );
    }
    const done = await (await call.verbs()).clear(filter);
    const { cleared, task_ids, keys_freed, remaining } = done;
    call.answer(
      {
        ok: true,
        cleared,
        task_ids,
        ...(keys_freed > 0 ? { keys_freed } : {}),
        ...(flags.all ? { remaining } : {}),
        ...(flags['dry-run'] ? { dry_run: true } : {}),
      },
      sentence(done, flags['dry-run']),
    );
    return 0;
  },
});

function sentence({ cleared, keys_freed, remaining }: Cleared, dryRun: boolean): string {
  const tasks = `${dryRun ? 'Would clear' : 'Cleared'} ${cleared} ${cleared === 1 ? 'task' : 'tasks'}`;
  const freed = keys_freed === 1 ? '1 idempotency key' : `${keys_freed} idempotency keys`;
  const removed = keys_freed === 0 ? tasks : `${tasks} and ${dryRun ? 'free' : 'freed'} ${freed}`;
  if (remaining.length === 0) return removed;
  return [`${removed}; ${remaining.length} had not stopped in time:`, ...remaining.map((id) => `  ${id}`)].join('\n');
}
