import { join } from 'node:path';
import { InvalidArgumentError, invalid } from '../../../errors/argument.ts';
import type { TaskVerbs } from '../../../ports/verbs.ts';
import type { TaskPage } from '../../../wire/answers.ts';
import type { ListFilter } from '../../../wire/requests.ts';
import { type Call, defineCommand, type Flags } from '../../command.ts';
import { escaped } from '../../human/escape.ts';
import { duration, moment, statuses, whole } from '../../values.ts';

const options = {
  status: {
    type: 'string',
    multiple: true,
    value: 'STATUS',
    help: 'only these states, several with commas; done is completed',
  },
  'session-id': { type: 'string', short: 's', value: 'ID', help: 'only this session' },
  parent: { type: 'string', value: 'ID', help: 'only children of this task' },
  recipe: { type: 'string', value: 'NAME', help: 'only this recipe' },
  tag: {
    type: 'string',
    multiple: true,
    value: 'TEXT',
    help: 'only tasks with this tag, and every other that is given',
  },
  name: { type: 'string', value: 'NAME', help: 'only tasks of this name' },
  since: {
    type: 'string',
    value: 'TIME',
    help: 'only tasks submitted since then: 1h (ago), 18:30, "2026-12-24 18:30"',
  },
  attention: { type: 'boolean', help: 'only tasks that need an operator' },
  tree: { type: 'boolean', help: 'also all parents and children of those that are listed' },
  watch: { type: 'boolean', help: 'show the list again whenever it has changed, in place on a terminal, until Ctrl-C' },
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
    'offstage background list --status failed,cancelled --since 1d',
    'offstage background list --status running --tree',
    'offstage background list --page 2 --page-size 50',
    'offstage background list --json',
  ],
  async run(call) {
    const given = filterOf(call.flags);
    const verbs = await call.verbs();
    const { parent } = call.flags;
    const filter = parent === undefined ? given : { ...given, parentId: await verbs.resolve(parent) };
    if (call.flags.watch) {
      await watch(call, verbs, filter);
      return 0;
    }
    const page = await (call.globals.json ? verbs.list(filter) : verbs.list(filter, { small: true }));
    if (verbs.store !== join(call.io.cwd, '.offstage', 'tasks.db')) call.tell(`Store: ${escaped(verbs.store)}`);
    if (call.globals.json) call.answer({ ok: true, ...page }, '');
    else await show(call, page, isFiltered(filter));
    return 0;
  },
});

const PAGING: readonly string[] = ['page', 'pageSize', 'after', 'relatives'] satisfies (keyof ListFilter)[];

const isFiltered = (filter: ListFilter): boolean => Object.keys(filter).some((key) => !PAGING.includes(key));

function filterOf(flags: Flags<typeof options>): ListFilter {
  if (flags.page !== undefined && flags.after !== undefined) {
    throw new InvalidArgumentError('--page and --after: got both, expected one of them', { option: '--after' });
  }
  return {
    ...(flags.status.length > 0 ? { status: statuses('--status', flags.status) } : {}),
    ...(flags['session-id'] === undefined ? {} : { sessionId: flags['session-id'] }),
    ...(flags.recipe === undefined ? {} : { recipe: flags.recipe }),
    ...(flags.tag.length > 0 ? { tags: flags.tag } : {}),
    ...(flags.name === undefined ? {} : { name: flags.name }),
    ...(flags.since === undefined ? {} : { since: sinceOf(flags.since) }),
    ...(flags.attention ? { attention: true } : {}),
    ...(flags.tree ? { relatives: true } : {}),
    ...(flags.page === undefined ? {} : { page: whole('--page', flags.page, 1) }),
    ...(flags['page-size'] === undefined ? {} : { pageSize: whole('--page-size', flags['page-size'], 1, 1000) }),
    ...(flags.after === undefined ? {} : { after: flags.after }),
  };
}

const DAY = 86_400_000;

/** A time that has passed, or a moment: of a time of day the last one. */
function sinceOf(text: string): number | string | Date {
  if (/^[\d.]+\s*[a-z]*$/i.test(text)) return duration('--since', text);
  try {
    return moment('--since', text, new Date(Date.now() - DAY));
  } catch {
    const expected = 'how long ago, such as 90s, 30m, 2h, 1d, or a moment such as 18:30 or "2026-12-24 18:30"';
    throw invalid('--since', text, expected);
  }
}

async function show(call: Call<typeof options>, page: TaskPage, filtered: boolean): Promise<void> {
  if (page.tasks.length === 0) return call.answer({}, noTasks(page, filtered));
  const { pageBox } = await import('../../human/list.ts');
  const { lookOf } = await import('../../human/look.ts');
  call.answer({}, pageBox(page, lookOf(call)));
  if (page.cut) call.tell('There are more parents and children than these.');
  if (page.next !== null) {
    const total = `${page.total_exact ? '' : 'at least '}${page.total}`;
    const shown = call.flags.tree ? page.page_size : page.tasks.length;
    call.tell(
      `${shown} of ${total} tasks. Next page: ${call.typed('list', ...again(call.flags), ...nextPage(call.flags, page))}`,
    );
  }
}

function noTasks({ total }: TaskPage, filtered: boolean): string {
  return total > 0 ? 'No background tasks on this page' : `No background tasks${filtered ? ' match' : ''}`;
}

/** Lines of a box, and the one below it, beside those of the tasks. */
const BESIDE = 3;

/** As many tasks as there is room for on a terminal. */
async function watch(call: Call<typeof options>, verbs: TaskVerbs, filter: ListFilter): Promise<void> {
  const { watchView } = await import('../../live/watching.ts');
  const { pageBox, countsLine } = await import('../../human/list.ts');
  const { lookOf } = await import('../../human/look.ts');
  await watchView(call, {
    changes: (signal) => verbs.changes({ signal }),
    async look(room) {
      const most = room === undefined ? 20 : Math.max(1, room.rows - BESIDE);
      const shown = { ...filter, pageSize: Math.min(filter.pageSize ?? 1000, most) };
      const page = await (call.globals.json ? verbs.list(shown) : verbs.list(shown, { small: true }));
      const look = lookOf(call);
      const box = page.tasks.length === 0 ? noTasks(page, isFiltered(filter)) : pageBox(page, look);
      const tasks = page.tasks.map((task) => ({ ...task, duration: null, worker: task.worker?.id }));
      return {
        document: { ok: true, ...page },
        facts: JSON.stringify({ ...page, tasks }),
        text: `${box}\n${countsLine(page, look)}`,
      };
    },
    stopped: { doing: 'watching', again: call.typed('list', ...again(call.flags), '--watch') },
  });
}

/** The page after this one, counted if it was reached by count. */
function nextPage(flags: Flags<typeof options>, page: TaskPage): string[] {
  return flags.after === undefined ? ['--page', String(page.page + 1)] : ['--after', page.next ?? ''];
}

/** The filter as it was given; its values are words of ours, or quoted. */
function again(flags: Flags<typeof options>): string[] {
  return [
    ...flags.status.flatMap((status) => ['--status', status]),
    ...(['session-id', 'parent', 'recipe', 'name', 'since', 'page-size'] as const).flatMap((name) =>
      flags[name] === undefined ? [] : [`--${name}`, flags[name]],
    ),
    ...flags.tag.flatMap((tag) => ['--tag', tag]),
    ...(flags.attention ? ['--attention'] : []),
    ...(flags.tree ? ['--tree'] : []),
  ];
}
