import { InvalidArgumentError } from '../../../errors/argument.ts';
import type { TaskRequest } from '../../../wire/requests.ts';
import { OVERLAPS, type ScheduleCatchUp, type ScheduleRequest } from '../../../wire/schedule.ts';
import { type Call, defineCommand } from '../../command.ts';
import { duration, oneOf, priority, whole } from '../../values.ts';
import { SUBMISSION, submission, textFrom } from '../submission.ts';
import { catchUp } from './catch-up.ts';
import { scheduleText } from './text.ts';

const options = {
  when: {
    type: 'string',
    value: 'WHEN',
    help: '30m, "every day at 9am", "in 20 minutes", "cron:0 9 * * 1-5" and so on',
  },
  recipe: { type: 'string', value: 'RECIPE', help: 'name or path of the recipe' },
  prompt: { type: 'string', value: 'TEXT|@FILE|-', help: 'what an agent is asked, in place of a recipe and an input' },
  agent: { type: 'string', value: 'NAME', help: 'the agent for the prompt', default: 'one without tools' },
  message: { type: 'string', value: 'TEXT', help: 'what a ScheduleLoop is told, in place of a recipe' },
  tz: {
    type: 'string',
    value: 'ZONE',
    help: 'time zone of the times, as Europe/Berlin',
    default: "this system's, which is kept",
  },
  zone: { type: 'string', value: 'ZONE', alias: 'tz', help: 'the same as --tz' },
  'catch-up': {
    type: 'string',
    value: 'one|none|N',
    help: 'missed moments that are made up for, the newest',
    default: 'one',
  },
  overlap: {
    type: 'string',
    value: OVERLAPS.join('|'),
    help: 'what happens to a moment while a task of one before is live',
    default: 'skip',
  },
  jitter: { type: 'string', value: 'SECONDS', help: 'spread its tasks over this time', default: '0' },
  starts: { type: 'string', value: 'TIME', help: 'no moment before that', default: 'now' },
  ends: { type: 'string', value: 'TIME', help: 'no moment after that', default: 'never' },
  limit: { type: 'string', value: 'N', help: 'end after so many tasks', default: 'none' },
  replace: { type: 'boolean', help: 'take the place of a schedule of that name' },
  'dry-run': { type: 'boolean', help: 'print the next 5 moments, and add nothing' },
  ...SUBMISSION,
  tag: { type: 'string', multiple: true, value: 'TEXT', help: 'a tag of its tasks; background list --tag finds them' },
  priority: {
    type: 'string',
    value: 'N',
    help: 'higher first: a whole number, or low, normal, high, critical',
    default: 'normal',
  },
  retries: { type: 'string', value: 'N', help: 'further attempts after a failure', default: "the recipe's, else 0" },
  'on-lost': { type: 'string', value: 'fail|retry', help: 'when its worker dies', default: "the recipe's, else fail" },
  'no-worker': { type: 'boolean', help: 'start no worker' },
} as const;

type Options = typeof options;

export const command = defineCommand({
  usage:
    'NAME --when WHEN --recipe RECIPE\nNAME --when WHEN --prompt TEXT\nNAME --when WHEN --message TEXT\nNAME --when WHEN -- PROGRAM ARG…',
  summary: 'Adds a schedule: what is submitted by itself, later or again and again.',
  about:
    'Starts a worker, which stays while a schedule is active. It does not outlive this machine: for that, or where processes end with the session, there is offstage service install, or a system cron that calls offstage schedule run-due.',
  options,
  args: { min: 1, max: 1 },
  takesProgram: true,
  examples: [
    'offstage schedule add report --when "weekdays at 9am" --tz Europe/Berlin --recipe my-recipe',
    `offstage schedule add sync --when 30m --overlap queue --recipe my-recipe --input '{"full": false}'`,
    'offstage schedule add backup --when "cron:0 3 * * 0" --catch-up none -- sh -c "pg_dump app | gzip > app.gz"',
    'offstage schedule add tea --when "in 5 minutes" --message "The tea is ready" --dry-run',
  ],
  async run(call) {
    const { flags } = call;
    const { when } = flags;
    if (when === undefined) throw wrong('--when: got nothing, expected when, as 30m or "every day at 9am"', '--when');
    const request = await requestOf(call, when);
    const verbs = await call.verbs(flags['no-worker'] ? { worker: 'none' } : {});
    const zone = request.zone === undefined ? {} : { zone: request.zone };
    if (flags['dry-run']) {
      const next = await verbs.schedules.next(when, zone);
      call.answer({ ok: true, dry_run: true, next }, next.join('\n'));
      return 0;
    }
    const schedule = await verbs.schedules.add(request);
    call.answer({ ok: true, ...schedule }, scheduleText(schedule));
    return 0;
  },
});

const wrong = (message: string, option: string) => new InvalidArgumentError(message, { option });

async function requestOf(call: Call<Options>, when: string): Promise<ScheduleRequest> {
  const { flags, args } = call;
  const { tz, jitter, starts, ends, limit, overlap } = flags;
  const catching = flags['catch-up'];
  return {
    name: args[0] ?? '',
    when,
    ...(await whatOf(call)),
    ...(tz === undefined ? {} : { zone: tz }),
    ...(catching === undefined ? {} : { catchUp: catchUp(catching) satisfies ScheduleCatchUp }),
    ...(overlap === undefined ? {} : { overlap: oneOf('--overlap', overlap, OVERLAPS) }),
    ...(jitter === undefined ? {} : { jitter: duration('--jitter', jitter) }),
    ...(starts === undefined ? {} : { starts }),
    ...(ends === undefined ? {} : { ends }),
    ...(limit === undefined ? {} : { limit: whole('--limit', limit, 1) }),
    replace: flags.replace,
  };
}

async function whatOf(call: Call<Options>): Promise<Pick<ScheduleRequest, 'message' | 'request'>> {
  const { recipe, prompt, message, agent } = call.flags;
  const given = { '--recipe': recipe, '--prompt': prompt, '--message': message, '--': call.program };
  const found = Object.entries(given).filter(([, value]) => value !== undefined);
  const [first] = found;
  if (first === undefined || found.length > 1) {
    const got = found.length === 0 ? 'got none' : `got ${found.map(([name]) => name).join(' and ')}`;
    throw wrong(`--recipe, --prompt, --message or --: ${got}, expected one of them`, '--recipe');
  }
  if (message !== undefined) return { message };
  if (prompt === undefined && agent !== undefined)
    throw wrong('--agent: got no --prompt beside it, expected one', '--agent');
  const asked = prompt === undefined ? undefined : await textFrom(call.io, '--prompt', prompt);
  const work = { recipe, command: call.program, prompt: asked, agent };
  const request = await submission(call, work as Parameters<typeof submission>[1], call.flags);
  return { request: { ...request, ...more(call.flags) } };
}

function more({ tag, retries, ...flags }: Call<Options>['flags']): Partial<TaskRequest> {
  return {
    ...(tag.length === 0 ? {} : { tags: tag }),
    ...(flags.priority === undefined ? {} : { priority: priority('--priority', flags.priority) }),
    ...(retries === undefined ? {} : { retries: whole('--retries', retries, 0) }),
    ...(flags['on-lost'] === undefined ? {} : { onLost: oneOf('--on-lost', flags['on-lost'], ['fail', 'retry']) }),
  };
}
