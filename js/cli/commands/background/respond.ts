import { InvalidArgumentError } from '../../../errors/argument.ts';
import type { TaskVerbs } from '../../../ports/verbs.ts';
import type { Answer } from '../../../wire/event.ts';
import { only } from '../../../wire/only.ts';
import type { TaskJson } from '../../../wire/task.ts';
import { type Call, defineCommand, type Flags } from '../../command.ts';
import { escaped } from '../../human/escape.ts';
import { localTime } from '../../human/time.ts';
import { acceptedAs, plainYes } from '../../live/question.ts';
import { givenId } from '../ids.ts';

const options = {
  id: { type: 'string', value: 'ID', help: 'the task; the same as the first argument' },
  accept: {
    type: 'string',
    value: 'JSON',
    help: 'accept, with this content: JSON, else a text; to a yes-or-no, true or yes',
  },
  decline: { type: 'boolean', help: 'decline; the task goes on and is told' },
  cancel: { type: 'boolean', help: 'cancel the task' },
} as const;

const ACTIONS = '--accept JSON, --decline or --cancel';

export const command = defineCommand({
  usage: 'ID [KEY --accept JSON]',
  summary: 'Answers what a task asks. Without KEY it shows what is asked and changes nothing.',
  about: 'The first answer counts: a second one, a late one, and one to a key that nobody asked are refused (exit 4).',
  options,
  args: { min: 0, max: 2 },
  examples: [
    'offstage background respond 9f1c20ab',
    `offstage background respond 9f1c20ab approval --accept '{"approved": true}'`,
    'offstage background respond 9f1c20ab approval --decline',
  ],
  async run(call) {
    const { given, key } = addressed(call);
    const answer = answerOf(call.flags);
    if (key === undefined && answer !== undefined) {
      throw new InvalidArgumentError('no key given, expected the key of a request: respond ID KEY', { option: 'key' });
    }
    if (key !== undefined && answer === undefined) {
      throw new InvalidArgumentError(`no answer given, expected one of ${ACTIONS}`, { option: '--accept' });
    }
    const verbs = await call.verbs();
    const id = await verbs.resolve(given);
    if (key === undefined || answer === undefined) {
      const task = only(await verbs.get([id]));
      call.answer({ ok: true, ...task }, asked(call, task));
    } else {
      const task = await verbs.respond(id, key, await answerTo(verbs, id, key, answer));
      call.answer({ ok: true, ...task }, `Answered ${escaped(key)} of ${id}, which is ${task.status} now`);
    }
    return 0;
  },
});

/** With --id the only argument is the key. */
function addressed({ args, flags }: Call<typeof options>): { given: string; key: string | undefined } {
  if (flags.id === undefined) return { given: givenId({ args, flags }), key: args[1] };
  const [first, second] = args;
  if (second !== undefined) return { given: givenId({ args: [first as string], flags }), key: second };
  return { given: flags.id, key: first };
}

/** What was typed behind `--accept`, or what was said without it. */
type Said = Answer | { accepted: string };

/** What a text means depends on what is asked. */
async function answerTo(verbs: TaskVerbs, id: string, key: string, said: Said): Promise<Answer> {
  if (!('accepted' in said)) return said;
  const requests = only(await verbs.get([id])).input_requests;
  return acceptedAs(Object.hasOwn(requests, key) ? requests[key]?.schema : undefined, said.accepted);
}

function answerOf({ accept, decline, cancel }: Flags<typeof options>): Said | undefined {
  const given = [accept !== undefined, decline, cancel].filter(Boolean).length;
  if (given > 1) {
    throw new InvalidArgumentError(`got several answers, expected one of ${ACTIONS}`, { option: '--accept' });
  }
  if (accept !== undefined) return { accepted: accept };
  if (decline) return { action: 'decline' };
  return cancel ? { action: 'cancel' } : undefined;
}

/** Of what is a plain yes or no both are said as they are typed. */
function howTo(call: Call, id: string, key: string, yes: string | undefined): string {
  if (yes === undefined) return `${escaped(call.typed('respond', id, key, '--accept'))} JSON`;
  return `${escaped(call.typed('respond', id, key, '--accept', yes))}, or --decline in its place`;
}

function asked(call: Call, { task_id, input_requests }: TaskJson): string {
  const rows = Object.entries(input_requests);
  if (rows.length === 0) return 'Nothing is asked';
  return rows
    .map(([key, request]) =>
      [
        `${escaped(key)}: ${escaped(request.message)}`,
        ...(request.schema === undefined ? [] : [`  expects ${escaped(JSON.stringify(request.schema))}`]),
        ...(request.expires_at === undefined ? [] : [`  until ${localTime(request.expires_at)}`]),
        `  ${howTo(call, task_id, key, plainYes(request.schema))}`,
      ].join('\n'),
    )
    .join('\n');
}
