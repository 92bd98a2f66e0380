import { join } from 'node:path';
import type { ListFilter, TaskPage } from '../../../client/index.ts';
import { InvalidArgumentError } from '../../../errors/argument.ts';
import { type Call, defineCommand, type Flags } from '../../command.ts';
import { escaped } from '../../human/escape.ts';
import { statuses, whole } from '../../values.ts';

const options = {
  status: { type: 'string', multiple: true, value: 'STATUS', help: 'only these states; done is completed' },
  'session-id': { type: 'string', short: 's', value: 'ID', help: 'only this session' },
  recipe: { type: 'string', value: 'NAME', help: 'only this recipe' },
  tag: {
    type: 'string',
    multiple: true,
    value: 'TEXT',
    help: 'only tasks with this tag, and every other that is given',
  },
  attention: { type: 'boolean', help: 'only tasks that need an operator' },
  page: { type: 'string', value: 'N', help: 'page, from 1', default: '1' },
  'page-size': { type: 'string', value: 'N', help: 'tasks on a page', default: '20' },
  after: { type: 'string', value: 'CURSOR', help: "continue after a page: its document's `next`" },
} as const;

export const command = defineCommand({
  usage: '',
  summary: 'Lists tasks, newest first.',
  options,
  args: { min: 0, max: 0 },
  examples: [
    'offstage background list --status running --status pending',
    'offstage background list --page 2 --page-size 50',
    'offstage background list --json',
  ],
  async run(call) {
    const filter = filterOf(call.flags);
    const verbs = await call.verbs();
    const page = await verbs.list(filter);
    if (verbs.store !== join(call.io.cwd, '.offstage', 'tasks.db')) call.tell(`Store: ${escaped(verbs.store)}`);
    if (call.globals.json) call.answer({ ok: true, ...page }, '');
    else
      await show(
        call,
        page,
        Object.keys(filter).some((key) => !PAGING.includes(key)),
      );
    return 0;
  },
});

const PAGING: readonly string[] = ['page', 'pageSize', 'after'] satisfies (keyof ListFilter)[];

function filterOf(flags: Flags<typeof options>): ListFilter {
  if (flags.page !== undefined && flags.after !== undefined) {
    throw new InvalidArgumentError('--page and --after: got both, expected one of them', { option: '--after' });
  }
  return {
    ...(flags.status.length > 0 ? { status: statuses('--status', flags.status) } : {}),
    ...(flags['session-id'] === undefined ? {} : { sessionId: flags['session-id'] }),
    ...(flags.recipe === undefined ? {} : { recipe: flags.recipe }),
    ...(flags.tag.length > 0 ? { tags: flags.tag } : {}),
    ...(flags.attention ? { attention: true } : {}),
    ...(flags.page === undefined ? {} : { page: whole('--page', flags.page, 1) }),
    ...(flags['page-size'] === undefined ? {} : { pageSize: whole('--page-size', flags['page-size'], 1, 1000) }),
    ...(flags.after === undefined ? {} : { after: flags.after }),
  };
}

async function show(call: Call<typeof options>, page: TaskPage, filtered: boolean): Promise<void> {
  if (page.tasks.length === 0) {
    call.answer(
      {},
      page.total > 0 ? 'No background tasks on this page' : `No background tasks${filtered ? ' match' : ''}`,
    );
    return;
  }
  const { pageBox } = await import('../../human/list.ts');
  const { stdout, env } = call.io;
  const color = stdout.isTTY && !env.NO_COLOR && !call.globals['no-color'];
  call.answer({}, pageBox(page, { columns: stdout.columns, color }));
  if (page.next !== null) {
    const total = `${page.total_exact ? '' : 'at least '}${page.total}`;
    call.tell(
      `${page.tasks.length} of ${total} tasks. Next page: ${call.typed('list', ...again(call.flags), ...nextPage(call.flags, page))}`,
    );
  }
}

/** The page after this one, counted if it was reached by count. */
function nextPage(flags: Flags<typeof options>, page: TaskPage): string[] {
  return flags.after === undefined ? ['--page', String(page.page + 1)] : ['--after', page.next ?? ''];
}

/** The filter as it was given; its values are words of ours, or quoted. */
function again(flags: Flags<typeof options>): string[] {
  return [
    ...flags.status.flatMap((status) => ['--status', status]),
    ...(['session-id', 'recipe', 'page-size'] as const).flatMap((name) =>
      flags[name] === undefined ? [] : [`--${name}`, flags[name]],
    ),
    ...flags.tag.flatMap((tag) => ['--tag', tag]),
    ...(flags.attention ? ['--attention'] : []),
  ];
}
