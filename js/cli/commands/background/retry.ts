import { defineCommand, ID_OPTION } from '../../command.ts';
import { givenId } from '../ids.ts';
import { tellApp } from '../lacking.ts';
import { answerSubmitted } from '../submission.ts';

export const command = defineCommand({
  usage: 'ID',
  summary: 'Submits a task that has ended once more, as a new task, and prints its id.',
  about:
    'The new task has the same recipe, input and options; its `retried_from` is the old one, which stays as it is.',
  options: { id: ID_OPTION },
  args: { min: 0, max: 1 },
  examples: ['offstage background retry 9f1c20ab', 'offstage background retry 9f1c20ab --json'],
  async run(call) {
    const given = givenId(call);
    const verbs = await call.verbs();
    const task = await verbs.retry(await verbs.resolve(given));
    answerSubmitted(call, task);
    await tellApp(call, verbs, task.task_id);
    return 0;
  },
});
