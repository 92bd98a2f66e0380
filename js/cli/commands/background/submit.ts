import { InvalidArgumentError } from '../../../errors/argument.ts';
import type { TaskVerbs } from '../../../ports/verbs.ts';
import type { Submitted } from '../../../wire/answers.ts';
import { NOTIFY_ON } from '../../../wire/notification.ts';
import type { TaskRequest } from '../../../wire/requests.ts';
import type { TaskJson } from '../../../wire/task.ts';
import { ON_CONFLICT } from '../../../wire/task.ts';
import { type Call, defineCommand } from '../../command.ts';
import { exitOfTask } from '../../exit.ts';
import { duration, jsonObject, moment, oneOf, priority, someOf, whole } from '../../values.ts';
import { awaitTasks, NO_INPUT } from '../await-tasks.ts';
import { awaitText } from '../await-text.ts';
import { answerOutcome } from '../outcome.ts';
import { answerSubmitted, SUBMISSION, submission, textFrom } from '../submission.ts';

const options = {
  recipe: { type: 'string', value: 'RECIPE', help: 'name or path of the recipe' },
  prompt: { type: 'string', value: 'TEXT|@FILE|-', help: 'what an agent is asked, in place of a recipe and an input' },
  agent: { type: 'string', value: 'NAME', help: 'the agent for the prompt', default: 'one without tools' },
  ...SUBMISSION,
  name: { type: 'string', value: 'TEXT', help: 'name of the task', default: "the recipe's, or the program's" },
  tag: { type: 'string', multiple: true, value: 'TEXT', help: 'a tag; list --tag finds the tasks that have it' },
  metadata: { type: 'string', value: 'JSON', help: 'an object that is stored with the task and shown, and no more' },
  priority: {
    type: 'string',
    value: 'N',
    help: 'higher first: a whole number, or low, normal, high, critical',
    default: 'normal',
  },
  retries: {
    type: 'string',
    value: 'N',
    help: 'further attempts after a failure',
    default: "the recipe's, else 0; 3 with --on-lost retry",
  },
  delay: { type: 'string', value: 'SECONDS', help: 'do not start before this much time has passed', default: '0' },
  'run-at': {
    type: 'string',
    value: 'TIME',
    help: 'do not start before: 18:30, "2026-12-24 18:30", or with a zone 2026-12-24T18:30Z',
    default: 'now',
  },
  ttl: {
    type: 'string',
    value: 'SECONDS',
    help: 'how long it may wait to start once it is due; then it fails (expired)',
    default: 'for ever',
  },
  'idempotency-key': {
    type: 'string',
    value: 'KEY',
    help: 'while a task of this recipe and key lives or has completed, answer with that one; other input is refused',
  },
  key: { type: 'string', value: 'KEY', alias: 'idempotency-key', help: 'the same as --idempotency-key' },
  'on-conflict': {
    type: 'string',
    value: 'parallel|enqueue|interrupt|reject',
    help: 'what to do about live tasks of the session',
    default: 'parallel',
  },
  'on-lost': { type: 'string', value: 'fail|retry', help: 'when its worker dies', default: "the recipe's, else fail" },
  'deliver-to': {
    type: 'string',
    multiple: true,
    value: 'ADDRESS',
    help: "who is told: a channel's name, CHANNEL:TARGET, or session:ID",
    default: 'as recipe and configuration say',
  },
  'notify-on': {
    type: 'string',
    multiple: true,
    value: 'WHAT',
    help: `of what: ${NOTIFY_ON.join(', ')}`,
    default: "the recipe's, else each channel's",
  },
  'no-worker': { type: 'boolean', help: 'start no worker' },
  wait: { type: 'boolean', help: 'wait for the end, print the result and exit by the task' },
  ...NO_INPUT,
} as const;

type Options = typeof options;

export const command = defineCommand({
  usage: '-- PROGRAM ARG…\n--recipe RECIPE\n--prompt TEXT',
  summary:
    'Submits a command, a recipe or a prompt as a background task and prints its id. The task is durable when the id is printed.',
  about:
    'What stands behind -- is a program with its arguments. It runs in this folder, with this environment, all of it, and without a timeout unless one is given; no shell reads it, so a line for one is given as -- sh -c LINE. Its stdin is --input, not that of this command.',
  options,
  args: { min: 0, max: 0 },
  takesProgram: true,
  examples: [
    'offstage background submit -- npm test',
    `offstage background submit --name nightly --tag db --run-at 02:00 -- sh -c 'pg_dump app | gzip > app.gz'`,
    `offstage background submit --recipe my-recipe --input '{"query": "test"}' --timeout 600`,
    'offstage background submit --recipe my-recipe --input @input.json --retries 2 --wait',
    'offstage background submit --recipe my-recipe --idempotency-key order-17',
    `offstage background submit --prompt 'Say hello' --model llama3.2 --wait`,
  ],
  async run(call) {
    const { flags } = call;
    const request = { ...(await submission(call, await workOf(call), flags)), ...asked(flags) };
    if (request.runAt instanceof Date && request.runAt <= new Date())
      call.tell('Note: --run-at is over, so it starts now');
    const verbs = await call.verbs(flags['no-worker'] ? { worker: 'none' } : {});
    const [task] = await verbs.submit([request]);
    if (task === undefined) throw new Error('the store answered without a task');
    if (flags.wait) return awaitTask(call, verbs, task);
    answerSubmitted(call, task);
    return 0;
  },
});

type Work = Pick<TaskRequest, 'recipe' | 'command' | 'prompt' | 'agent'>;

async function workOf(call: Call<Options>): Promise<Work> {
  const { prompt, agent, ...flags } = call.flags;
  if (prompt === undefined && agent === undefined) return otherWork(call);
  const beside = ['recipe', 'input', 'config'] as const;
  const other = call.program === undefined ? beside.find((name) => flags[name] !== undefined) : '';
  const got = prompt === undefined ? '--agent' : '--prompt';
  const wrong = (message: string) => new InvalidArgumentError(message, { option: got });
  if (prompt === undefined) throw wrong('--agent: got no --prompt beside it, expected one');
  if (other !== undefined) throw wrong(`--prompt and --${other}: got both, expected one of them`);
  return { prompt: await textFrom(call.io, '--prompt', prompt), ...(agent === undefined ? {} : { agent }) };
}

function otherWork({ flags: { recipe }, program, typed }: Call<Options>): Work {
  if (program === undefined && recipe !== undefined) return { recipe };
  if (program !== undefined && recipe !== undefined) {
    throw new InvalidArgumentError('--recipe and --: got both, expected a recipe or a program', { option: '--recipe' });
  }
  if (program !== undefined && program.length > 0) return { command: program };
  const ways = `${typed('submit', '--', 'npm', 'test')}, or ${typed('submit', '--recipe')} NAME, or ${typed('submit', '--prompt')} TEXT`;
  const got = program === undefined ? '' : ' behind --';
  throw new InvalidArgumentError(
    `nothing to submit: got no program${got}, expected one, a recipe or a prompt: ${ways}`,
    {
      option: '--recipe',
    },
  );
}

/** What was asked for beside the work and its input. */
function asked(flags: Call<Options>['flags']): Partial<TaskRequest> {
  const { name, tag, metadata, retries, delay, ttl } = flags;
  return {
    ...(name === undefined ? {} : { name }),
    ...(tag.length === 0 ? {} : { tags: tag }),
    ...(metadata === undefined ? {} : { metadata: jsonObject('--metadata', metadata) }),
    ...(flags.priority === undefined ? {} : { priority: priority('--priority', flags.priority) }),
    ...(retries === undefined ? {} : { retries: whole('--retries', retries, 0) }),
    ...(delay === undefined ? {} : { delay: duration('--delay', delay) }),
    ...(flags['run-at'] === undefined ? {} : { runAt: moment('--run-at', flags['run-at']) }),
    ...(ttl === undefined ? {} : { ttl: duration('--ttl', ttl) }),
    ...(flags['on-lost'] === undefined ? {} : { onLost: oneOf('--on-lost', flags['on-lost'], ['fail', 'retry']) }),
    ...(flags['deliver-to'].length === 0 ? {} : { deliverTo: flags['deliver-to'] }),
    ...(flags['notify-on'].length === 0 ? {} : { notifyOn: someOf('--notify-on', flags['notify-on'], NOTIFY_ON) }),
    ...(flags['idempotency-key'] === undefined ? {} : { idempotencyKey: flags['idempotency-key'] }),
    ...(flags['on-conflict'] === undefined
      ? {}
      : { onConflict: oneOf('--on-conflict', flags['on-conflict'], ON_CONFLICT) }),
  };
}

/** With `--json` the task as a document whatever became of it; else the bare result, or the error. */
async function awaitTask(call: Call<Options>, verbs: TaskVerbs, submitted: Submitted): Promise<number> {
  const { task_id: id, deduplicated } = submitted;
  const intro = `${deduplicated ? 'Already there:' : 'Submitted'} ${id}`;
  const noInput = call.flags['no-input'];
  if (call.flags.prompt !== undefined && !call.globals.json) return awaitText(call, verbs, id, { intro, noInput });
  const { tasks } = await awaitTasks(call, verbs, [id], { intro, noInput });
  const task = tasks[0] as TaskJson;
  if (!call.globals.json) {
    answerOutcome(call, task);
    return 0;
  }
  call.answer({ ok: true, taskId: task.task_id, ...task, ...(deduplicated ? { deduplicated } : {}) }, '');
  return exitOfTask(task.status);
}
