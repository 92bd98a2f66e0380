import { InvalidArgumentError } from '../../../errors/argument.ts';
import type { Cleared } from '../../../wire/answers.ts';
import type { ClearFilter } from '../../../wire/requests.ts';
import { isTerminal } from '../../../wire/task.ts';
import { defineCommand, type Flags } from '../../command.ts';
import { duration, statuses } from '../../values.ts';
import { ANY_NUMBER, IDS_OPTION, resolveAll } from '../ids.ts';

const options = {
  id: IDS_OPTION,
  all: { type: 'boolean', help: 'also live tasks' },
  'older-than': { type: 'string', value: 'SECONDS', help: 'only tasks that ended at least so long ago' },
  status: { type: 'string', multiple: true, value: 'STATUS', help: 'only these states; done is completed' },
  session: { type: 'string', value: 'ID', help: 'only tasks of this session, and what was said in it' },
  'dry-run': { type: 'boolean', help: 'say what would be removed, change nothing' },
} as const;

export const command = defineCommand({
  usage: '[ID...]',
  summary: 'Removes tasks that have ended: those that are named, else all.',
  about:
    'With --all live tasks are cancelled first and given 6 s to stop; those that had not stopped are reported and stay. When one that is named is unknown, or is live and --all is not given, nothing is removed.',
  options,
  args: ANY_NUMBER,
  examples: [
    'offstage background clear --older-than 3600',
    'offstage background clear 9f1c20ab de64a7f0',
    'offstage background clear --all --dry-run',
  ],
  async run(call) {
    const { flags } = call;
    const filter = filterOf(flags);
    const given = [...call.args, ...flags.id];
    const other = filter.status !== undefined ? '--status' : flags.session !== undefined ? '--session' : '--older-than';
    if (given.length > 0 && (filter.status ?? filter.olderThan ?? filter.sessionId) !== undefined) {
      throw new InvalidArgumentError(`${other}: got tasks beside it, expected one of them`, { option: other });
    }
    const verbs = await call.verbs();
    if (given.length > 0) filter.ids = await resolveAll(verbs, given);
    const done = await verbs.clear(filter);
    const { cleared, task_ids, keys_freed, remaining } = done;
    call.answer(
      {
        ok: true,
        cleared,
        task_ids,
        ...(keys_freed > 0 ? { keys_freed } : {}),
        ...(flags.all || (given.length > 0 && remaining.length > 0) ? { remaining } : {}),
        ...(flags['dry-run'] ? { dry_run: true } : {}),
      },
      sentence(done, flags['dry-run']),
    );
    return 0;
  },
});

function filterOf(flags: Flags<typeof options>): ClearFilter {
  const filter: ClearFilter = { all: flags.all, dryRun: flags['dry-run'] };
  if (flags['older-than'] !== undefined) filter.olderThan = duration('--older-than', flags['older-than']);
  if (flags.session !== undefined) filter.sessionId = flags.session;
  if (flags.status.length > 0) filter.status = statuses('--status', flags.status);
  const live = filter.status?.find((status) => !isTerminal(status));
  if (live === undefined || flags.all) return filter;
  throw new InvalidArgumentError(`--status: got "${live}", which is live; expected an ended state, or --all as well`, {
    option: '--status',
  });
}

function sentence({ cleared, keys_freed, remaining }: Cleared, dryRun: boolean): string {
  const tasks = `${dryRun ? 'Would clear' : 'Cleared'} ${cleared} ${cleared === 1 ? 'task' : 'tasks'}`;
  const freed = keys_freed === 1 ? '1 idempotency key' : `${keys_freed} idempotency keys`;
  const removed = keys_freed === 0 ? tasks : `${tasks} and ${dryRun ? 'free' : 'freed'} ${freed}`;
  if (remaining.length === 0) return removed;
  return [`${removed}; ${remaining.length} had not stopped in time:`, ...remaining.map((id) => `  ${id}`)].join('\n');
}
