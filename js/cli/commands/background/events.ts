import { InvalidArgumentError } from '../../../errors/argument.ts';
import type { TaskVerbs } from '../../../ports/verbs.ts';
import type { EventsOfAll } from '../../../wire/answers.ts';
import { only } from '../../../wire/only.ts';
import { type Call, defineCommand, type Flags } from '../../command.ts';
import { eventLine } from '../../human/event.ts';
import { type Look, lookOf } from '../../human/look.ts';
import { whole } from '../../values.ts';
import { followEvents } from '../follow-events.ts';
import { ANY_NUMBER, IDS_OPTION, openTasks } from '../ids.ts';
import { type Labels, labelsOf } from '../labels.ts';

const options = {
  id: IDS_OPTION,
  all: { type: 'boolean', help: 'of all tasks, in the order of their commits, in place of IDs' },
  kind: { type: 'string', multiple: true, value: 'KIND', help: 'with --all: only these kinds, several with commas' },
  recipe: { type: 'string', value: 'NAME', help: 'with --all: only of this recipe' },
  'session-id': { type: 'string', short: 's', value: 'ID', help: 'with --all: only of this session' },
  after: {
    type: 'string',
    value: 'N|CURSOR',
    help: 'only events after this seq of each task; with --all after a cursor, "now" or "start"',
    default: '0, or start',
  },
  follow: {
    type: 'boolean',
    help: 'go on until the tasks have ended and their work has stopped; with --all until Ctrl-C',
  },
  limit: { type: 'string', value: 'N', help: 'so many events at most, in all', default: 'all' },
} as const;

export const command = defineCommand({
  usage: 'ID...\n--all [--follow]',
  summary: 'Shows what happened to tasks, one event a line, in order.',
  about:
    'Of several tasks each line has the name of its task. With --follow --json each event is a line of its own. Ctrl-C ends the watching only. A worker is started when none lives, but with --all, which only looks: nothing counts as read for it. Each event of --all --json has a cursor to go on from; where that is of no use any more (exit 4, feed_reset), list the tasks again and go on from `next` of the details.',
  options,
  args: ANY_NUMBER,
  examples: [
    'offstage background events 9f1c20ab',
    'offstage background events 9f1c20ab de64a7f0 --follow',
    'offstage background events 9f1c20ab --after 12 --limit 100 --json',
    'offstage background events --all --follow --after now --kind completed,failed',
  ],
  async run(call) {
    const { flags } = call;
    if (flags.all) return (await import('../feed.ts')).showFeed(call);
    refuseFeedOnly(flags);
    const query: Query = {
      ...(flags.after === undefined ? {} : { after: whole('--after', flags.after, 0) }),
      ...(flags.limit === undefined ? {} : { limit: whole('--limit', flags.limit, 1) }),
    };
    const { verbs, ids, several } = await openTasks(call);
    if (flags.follow) await follow(call, verbs, ids, query);
    else if (several) await showAll(call, verbs, ids, query);
    else show(call, lookOf(call), await verbs.events(ids, query));
    return 0;
  },
});

/** Options that mean something of all tasks only. */
function refuseFeedOnly(flags: Flags<typeof options>): void {
  const given = (['recipe', 'session-id'] as const).find((name) => flags[name] !== undefined);
  const option = flags.kind.length > 0 ? 'kind' : given;
  if (option !== undefined)
    throw new InvalidArgumentError(`--${option}: got it without --all, expected both`, { option: `--${option}` });
}

interface Query {
  after?: number;
  limit?: number;
}

function show(call: Call, look: Look, { events, tasks }: EventsOfAll): void {
  const { over: _, task_id, next_after, first_seq } = only(tasks);
  call.answer(
    { ok: true, task_id, events, next_after, first_seq },
    events.map((event) => eventLine(event, look)).join('\n'),
  );
  tellDropped(call, first_seq);
}

async function showAll(call: Call, verbs: TaskVerbs, ids: readonly string[], query: Query): Promise<void> {
  const look = lookOf(call);
  const labels = await labelsOf(verbs, ids, look);
  const { events, tasks } = await verbs.events(ids, query);
  const shown = tasks.map(({ over: _, ...task }) => ({ ...task, name: labels.nameOf(task.task_id) }));
  const lines = events.map((event) => eventLine(event, look, labels.nameOf(event.task_id)));
  call.answer({ ok: true, events, tasks: shown }, lines.join('\n'));
  for (const { task_id, first_seq } of tasks) tellDropped(call, first_seq, labels.of(task_id));
}

function tellDropped(call: Call, first: number, label?: string): void {
  if (first <= 1) return;
  const whose = label === undefined ? '' : `${label}: `;
  call.tell(`${whose}Older progress, log and output were dropped; from ${first} on nothing is missing.`);
}

async function follow(
  call: Call,
  verbs: TaskVerbs,
  ids: readonly string[],
  { after = 0, limit = Number.POSITIVE_INFINITY }: Query,
): Promise<void> {
  const look = lookOf(call);
  const labels: Labels | undefined = ids.length > 1 ? await labelsOf(verbs, ids, look) : undefined;
  let count = 0;
  const tasks = ids.map((id) => ({ id, after }));
  const again = call.typed('events', ...ids, '--follow');
  await followEvents(call, verbs, tasks, { again }, (event) => {
    call.answer({ ...event }, eventLine(event, look, labels?.nameOf(event.task_id)));
    count += 1;
    return count < limit;
  });
}
