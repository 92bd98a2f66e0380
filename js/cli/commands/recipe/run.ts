import { only } from '../../../wire/only.ts';
import type { TaskRequest } from '../../../wire/requests.ts';
import { type Call, defineCommand } from '../../command.ts';
import { planText } from '../../human/plan.ts';
import { InterruptedError, interruptible } from '../../interrupt.ts';
import { NO_INPUT, waitLive } from '../await-tasks.ts';
import { answerOutcome } from '../outcome.ts';
import { answerSubmitted, SUBMISSION, submission } from '../submission.ts';

const options = {
  background: { type: 'boolean', help: 'submit it, print its id and do not wait' },
  ...SUBMISSION,
  ...NO_INPUT,
  'dry-run': { type: 'boolean', help: 'check recipe, input and config; run and store nothing' },
} as const;

export const command = defineCommand({
  usage: 'RECIPE',
  summary: 'Runs a recipe, waits for its end, prints its result and exits by the task.',
  about:
    'Ctrl-C cancels the task. With --background it only submits, as `background submit` does; so it does after background.yieldMs of the configuration.',
  options,
  args: { min: 1, max: 1 },
  examples: [
    `offstage recipe run my-recipe --input '{"query": "test"}'`,
    'offstage recipe run my-recipe --background',
    'offstage recipe run ./recipes/my-recipe --dry-run',
  ],
  async run(call) {
    const [recipe = ''] = call.args;
    const request = await submission(call, { recipe }, call.flags);
    if (call.flags['dry-run']) return check(call, request);
    if (call.flags.background) return submit(call, request);
    return runHere(call, request);
  },
});

async function check(call: Call, request: TaskRequest): Promise<number> {
  const [recipe = ''] = call.args;
  await (await call.verbs()).check(request);
  const { input, model, allowTools, askTools, budget, maxTurns } = request;
  const asked = { input, model, allowTools, askTools, budget, maxTurns };
  const plan = await (await call.recipes()).plan(recipe, asked);
  const text = `Recipe '${recipe}' can be run; nothing was.`;
  const more = plan === undefined ? {} : { plan };
  call.answer({ ok: true, recipe, dry_run: true, ...more }, [...(plan ? [planText(plan)] : []), text].join('\n'));
  return 0;
}

async function submit(call: Call, request: TaskRequest): Promise<number> {
  answerSubmitted(call, only(await (await call.verbs()).submit([request])));
  return 0;
}

/** The signal is listened to from before the submit, so that no Ctrl-C leaves the task running. */
async function runHere(call: Call<typeof options>, request: TaskRequest): Promise<number> {
  const verbs = await call.local();
  const { yieldMs } = verbs.config.background ?? {};
  let id: string | undefined;
  try {
    const { tasks, wait_status } = await interruptible(
      call.io,
      (signal) => new InterruptedError(signal, 'interrupted'),
      async (signal) => {
        id = (await verbs.submit([request]))[0]?.task_id ?? '';
        call.tell(`Running ${id}; Ctrl-C cancels it`);
        const timeout = yieldMs === undefined ? undefined : yieldMs / 1000;
        return waitLive(call, verbs, [id], { signal, timeout, noInput: call.flags['no-input'] });
      },
    );
    const task = only(tasks);
    if (wait_status === 'timeout') answerSubmitted(call, task);
    else answerOutcome(call, task);
    return 0;
  } catch (error) {
    if (!(error instanceof InterruptedError) || id === undefined) throw error;
    const { signal } = error.details as { signal: 'SIGINT' | 'SIGTERM' };
    const { cancelled, status } = only(await verbs.cancel([id], { reason: signal }));
    throw new InterruptedError(signal, cancelled ? `cancelled task ${id}` : `task ${id} had ended: ${status}`, id);
  }
}
