import { defineCommand, ID_OPTION } from '../../command.ts';
import { EXIT, exitOfTask } from '../../exit.ts';
import { InterruptedError, interruptible } from '../../interrupt.ts';
import { duration } from '../../values.ts';
import { givenId } from '../ids.ts';
import { tellApp } from '../lacking.ts';
import { taskText } from '../shown.ts';

export const command = defineCommand({
  usage: 'ID',
  summary: 'Waits until a task has ended, shows it and exits by it.',
  about:
    'Waiting changes nothing: when the time is over, or at Ctrl-C, the task runs on. A worker is started when none lives.',
  options: {
    id: ID_OPTION,
    timeout: { type: 'string', value: 'SECONDS', help: 'wait no longer; 0 looks once', default: 'no limit' },
  },
  args: { min: 0, max: 1 },
  examples: ['offstage background wait 9f1c20ab', 'offstage background wait 9f1c20ab --timeout 60 --json'],
  async run(call) {
    const given = givenId(call);
    const timeout = call.flags.timeout === undefined ? undefined : duration('--timeout', call.flags.timeout);
    const verbs = await call.verbs();
    const id = await verbs.resolve(given);
    await tellApp(call, verbs, id);
    const { task, wait_status } = await interruptible(
      call.io,
      (signal) => new InterruptedError(signal, `stopped waiting; task ${id} runs on`, id),
      (signal) => {
        call.tell(`Waiting for ${id}; Ctrl-C ends the wait only`);
        return verbs.wait(id, { signal, ...(timeout === undefined ? {} : { timeout }) });
      },
    );
    if (call.globals.json) {
      call.answer({ ok: true, ...task, wait_status }, '');
    } else {
      call.answer({}, await taskText(call, verbs, task));
      if (wait_status === 'timeout') call.tell(`The wait timed out after ${call.flags.timeout} s; the task runs on.`);
    }
    return wait_status === 'timeout' ? EXIT.timeout.code : exitOfTask(task.status);
  },
});
