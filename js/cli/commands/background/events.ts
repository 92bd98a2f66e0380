import type { EventPage, Verbs } from '../../../client/index.ts';
import type { TaskEventJson } from '../../../wire/event.ts';
import { type Call, defineCommand, ID_OPTION } from '../../command.ts';
import { eventLine } from '../../human/event.ts';
import { type Look, lookOf } from '../../human/look.ts';
import { InterruptedError, interruptible } from '../../interrupt.ts';
import { whole } from '../../values.ts';
import { givenId } from '../ids.ts';

const options = {
  id: ID_OPTION,
  after: { type: 'string', value: 'N', help: 'only events after this seq', default: '0' },
  follow: { type: 'boolean', help: 'go on until the task has ended and its work has stopped' },
  limit: { type: 'string', value: 'N', help: 'so many events at most', default: 'all' },
} as const;

export const command = defineCommand({
  usage: 'ID',
  summary: 'Shows what happened to a task, one event a line, in order.',
  about:
    'With --follow --json each event is a line of its own. Ctrl-C ends the watching only. A worker is started when none lives.',
  options,
  args: { min: 0, max: 1 },
  examples: [
    'offstage background events 9f1c20ab',
    'offstage background events 9f1c20ab --follow',
    'offstage background events 9f1c20ab --after 12 --limit 100 --json',
  ],
  async run(call) {
    const given = givenId(call);
    const { flags } = call;
    const query = {
      ...(flags.after === undefined ? {} : { after: whole('--after', flags.after, 0) }),
      ...(flags.limit === undefined ? {} : { limit: whole('--limit', flags.limit, 1) }),
    };
    const verbs = await call.verbs();
    const id = await verbs.resolve(given);
    const look = lookOf(call);
    if (flags.follow) await follow(call, verbs, look, id, query);
    else show(call, look, await verbs.events(id, query));
    return 0;
  },
});

function show(call: Call, look: Look, { task_id, events, next_after, first_seq }: EventPage): void {
  call.answer(
    { ok: true, task_id, events, next_after, first_seq },
    events.map((event) => eventLine(event, look)).join('\n'),
  );
  if (first_seq > 1) call.tell(`Older progress, log and output were dropped; from ${first_seq} on nothing is missing.`);
}

async function follow(
  call: Call,
  verbs: Verbs,
  look: Look,
  id: string,
  { after, limit = Number.POSITIVE_INFINITY }: { after?: number; limit?: number },
) {
  await interruptible(
    call.io,
    (signal) => new InterruptedError(signal, `stopped following; task ${id} goes on`, id),
    async (signal) => {
      let count = 0;
      for await (const event of verbs.follow(id, { signal, ...(after === undefined ? {} : { after }) })) {
        line(call, look, event);
        count += 1;
        if (count >= limit || call.io.stdout.closed) return;
      }
      signal.throwIfAborted();
    },
  );
}

const line = (call: Call, look: Look, event: TaskEventJson): void => call.answer({ ...event }, eventLine(event, look));
