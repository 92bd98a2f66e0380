import { InvalidArgumentError } from '../../../errors/argument.ts';
import type { RetryOptions } from '../../../wire/requests.ts';
import { type Call, defineCommand, ID_OPTION } from '../../command.ts';
import { timeLimit } from '../../values.ts';
import { givenId } from '../ids.ts';
import { tellApp } from '../lacking.ts';
import { answerSubmitted, LIMITS, limits } from '../submission.ts';

const options = {
  id: ID_OPTION,
  'keep-steps': { type: 'boolean', help: 'what its finished steps gave counts', default: 'for agents' },
  'no-keep-steps': { type: 'boolean', help: 'begin from the top' },
  timeout: {
    type: 'string',
    value: 'SECONDS',
    help: 'run time of one attempt, or a text such as 30m; 0 means no limit',
    default: 'as it was',
  },
  ...LIMITS,
  'max-turns': { ...LIMITS['max-turns'], default: 'as it was' },
} as const;

export const command = defineCommand({
  usage: 'ID',
  summary: 'Submits a task that has ended once more, as a new task, and prints its id.',
  about:
    'The new task has the same recipe, input and options; its `retried_from` is the old one, which stays as it is. One of agents goes on behind the model calls and tools that are done; what they have used counts for its budget.',
  options,
  args: { min: 0, max: 1 },
  examples: [
    'offstage background retry 9f1c20ab',
    'offstage background retry 9f1c20ab --json',
    'offstage background retry 9f1c20ab --budget-tokens 200000',
  ],
  async run(call) {
    const given = givenId(call);
    const verbs = await call.verbs();
    const task = await verbs.retry(await verbs.resolve(given), optionsOf(call.flags));
    answerSubmitted(call, task);
    await tellApp(call, verbs, task.task_id);
    return 0;
  },
});

function optionsOf(flags: Call<typeof options>['flags']): RetryOptions {
  const { 'keep-steps': keep, 'no-keep-steps': anew, timeout } = flags;
  if (keep && anew) {
    throw new InvalidArgumentError('--keep-steps and --no-keep-steps: got both, expected one of them', {
      option: '--keep-steps',
    });
  }
  return {
    ...(keep || anew ? { keepSteps: keep } : {}),
    ...(timeout === undefined ? {} : { timeout: timeLimit('--timeout', timeout) }),
    ...limits(flags),
  };
}
