import type { TaskVerbs } from '../../../ports/verbs.ts';
import type { EventsOfAll } from '../../../wire/answers.ts';
import { only } from '../../../wire/only.ts';
import { type Call, defineCommand } from '../../command.ts';
import { eventLine } from '../../human/event.ts';
import { type Look, lookOf } from '../../human/look.ts';
import { whole } from '../../values.ts';
import { followEvents } from '../follow-events.ts';
import { ANY_NUMBER, IDS_OPTION, openTasks } from '../ids.ts';
import { type Labels, labelsOf } from '../labels.ts';

const options = {
  id: IDS_OPTION,
  after: { type: 'string', value: 'N', help: 'only events after this seq of each task', default: '0' },
  follow: { type: 'boolean', help: 'go on until the tasks have ended and their work has stopped' },
  limit: { type: 'string', value: 'N', help: 'so many events at most, in all', default: 'all' },
} as const;

export const command = defineCommand({
  usage: 'ID...',
  summary: 'Shows what happened to tasks, one event a line, in order.',
  about:
    'Of several tasks each line has the name of its task. With --follow --json each event is a line of its own. Ctrl-C ends the watching only. A worker is started when none lives.',
  options,
  args: ANY_NUMBER,
  examples: [
    'offstage background events 9f1c20ab',
    'offstage background events 9f1c20ab de64a7f0 --follow',
    'offstage background events 9f1c20ab --after 12 --limit 100 --json',
  ],
  async run(call) {
    const { flags } = call;
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
