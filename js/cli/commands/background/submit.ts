import type { Submitted, Verbs } from '../../../client/index.ts';
import { InvalidArgumentError } from '../../../errors/argument.ts';
import type { TaskJson } from '../../../wire/task.ts';
import { type Call, defineCommand } from '../../command.ts';
import { exitOfTask } from '../../exit.ts';
import { duration, oneOf, priority, whole } from '../../values.ts';
import { awaitTasks, NO_INPUT } from '../awaited.ts';
import { answerOutcome } from '../outcome.ts';
import { answerSubmitted, SUBMISSION, submission } from '../submission.ts';

const options = {
  recipe: { type: 'string', value: 'RECIPE', help: 'name or path of the recipe (required)' },
  ...SUBMISSION,
  name: { type: 'string', value: 'TEXT', help: 'name of the task', default: "the recipe's" },
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
  'no-worker': { type: 'boolean', help: 'start no worker' },
  wait: { type: 'boolean', help: 'wait for the end, print the result and exit by the task' },
  ...NO_INPUT,
} as const;

export const command = defineCommand({
  usage: '--recipe RECIPE',
  summary: 'Submits a recipe as a background task and prints its id. The task is durable when the id is printed.',
  options,
  args: { min: 0, max: 0 },
  examples: [
    'offstage background submit --recipe my-recipe',
    `offstage background submit --recipe my-recipe --input '{"query": "test"}' --timeout 600`,
    'offstage background submit --recipe my-recipe --input @input.json --retries 2 --wait',
    'offstage background submit --recipe my-recipe --idempotency-key order-17',
  ],
  async run(call) {
    const { flags, io } = call;
    if (flags.recipe === undefined) {
      throw new InvalidArgumentError('--recipe: got nothing, expected the name or path of a recipe', {
        option: '--recipe',
      });
    }
    const request = await submission(io, flags.recipe, flags);
    if (flags.name !== undefined) request.name = flags.name;
    if (flags.priority !== undefined) request.priority = priority('--priority', flags.priority);
    if (flags.retries !== undefined) request.retries = whole('--retries', flags.retries, 0);
    if (flags.delay !== undefined) request.delay = duration('--delay', flags.delay);
    if (flags['on-lost'] !== undefined) request.onLost = oneOf('--on-lost', flags['on-lost'], ['fail', 'retry']);
    if (flags['idempotency-key'] !== undefined) request.idempotencyKey = flags['idempotency-key'];
    if (flags['on-conflict'] !== undefined) {
      request.onConflict = oneOf('--on-conflict', flags['on-conflict'], ['parallel', 'enqueue', 'interrupt', 'reject']);
    }
    const verbs = await call.verbs(flags['no-worker'] ? { worker: 'none' } : {});
    const [task] = await verbs.submit([request]);
    if (task === undefined) throw new Error('the store answered without a task');
    if (flags.wait) return awaitTask(call, verbs, task);
    answerSubmitted(call, task);
    return 0;
  },
});

/** With `--json` the task as a document whatever became of it; else the bare result, or the error. */
async function awaitTask(call: Call<Options>, verbs: Verbs, submitted: Submitted): Promise<number> {
  const { task_id: id, deduplicated } = submitted;
  const intro = `${deduplicated ? 'Already there:' : 'Submitted'} ${id}`;
  const { tasks } = await awaitTasks(call, verbs, [id], { intro, noInput: call.flags['no-input'] });
  const task = tasks[0] as TaskJson;
  if (!call.globals.json) {
    answerOutcome(call, task);
    return 0;
  }
  call.answer({ ok: true, taskId: task.task_id, ...task, ...(deduplicated ? { deduplicated } : {}) }, '');
  return exitOfTask(task.status);
}

type Options = typeof options;
