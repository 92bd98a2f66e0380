import { TaskError } from '../../../errors/base.ts';
import { only } from '../../../wire/only.ts';
import { isTerminal } from '../../../wire/task.ts';
import { defineCommand, ID_OPTION } from '../../command.ts';
import { givenId } from '../ids.ts';
import { answerOutcome } from '../outcome.ts';

export const command = defineCommand({
  usage: 'ID',
  summary: "Prints a completed task's result: a text as it is, anything else as JSON. Does not wait.",
  about: 'Exits with 3 and the error when the task failed, 8 when it was cancelled, 4 while it has not finished.',
  options: { id: ID_OPTION },
  args: { min: 0, max: 1 },
  examples: ['offstage background result 9f1c20ab', 'offstage background result 9f1c20ab --json'],
  async run(call) {
    const given = givenId(call);
    const verbs = await call.verbs();
    const task = only(await verbs.get([await verbs.resolve(given)]));
    const { task_id, status } = task;
    if (!isTerminal(status)) {
      throw new TaskError(
        'not_finished',
        `task ${task_id} has not finished, it is ${status}; wait for it: ${call.typed('wait', task_id)}`,
        {
          taskId: task_id,
          details: { task_id, status },
        },
      );
    }
    answerOutcome(call, task);
    return 0;
  },
});
