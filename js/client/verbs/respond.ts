import type { Binding } from '../../store/types.ts';
import type { Answer } from '../../wire/event.ts';
import { answerKey, checkAnswer, checkContent } from '../../wire/question.ts';
import type { TaskJson } from '../../wire/task.ts';
import type { Masked } from '../../worker/mask/mask.ts';
import { ownBinding } from '../staff/environment.ts';
import { provideFor } from '../staff/workers.ts';
import type { VerbContext } from '../verb-context.ts';
import { glance, look } from './read.ts';

/** What a person gives is stored as it is given. */
const asGiven = (json: string): Masked => ({ json, refs: null });

/** How an answer is given. */
interface Giving {
  /** Makes of the content what may be stored. Default: as it is given. */
  conceal?: (json: string) => Masked;
  /** Should the code be gone, it runs anew with these values, if they are all that it needs. Default: this process'. */
  by?: Binding | null;
}

/** Answers a request. The first of answer, cancel and expiry counts; what is too late is a `ConflictError`. */
export async function respond(
  context: VerbContext,
  id: string,
  key: string,
  answer: Answer,
  { conceal = asGiven, by }: Giving = {},
): Promise<TaskJson> {
  const content = checkAnswer(key, answer);
  const { action } = answer;
  await context.due();
  const { input_requests: open } = await glance(context, id);
  const request = Object.hasOwn(open, key) ? open[key] : undefined;
  if (action === 'accept' && request?.schema !== undefined) await checkContent(request.schema, content);
  const { json, refs } = content === undefined ? asGiven('null') : conceal(content);
  const given = content === undefined ? {} : { content: JSON.parse(json) };
  const kept = refs === null ? {} : { step: { key: answerKey(key), data: json, refs } };
  const command = { command: 'answer', key, action, ...given } as const;
  const [changed] = await context.run('change', {
    changes: [{ id, command, by: by === undefined ? await ownBinding(context) : by, ...kept }],
  });
  if (!changed) throw context.notFound(id);
  const task = await look(context, id);
  if (task.status === 'pending') await provideFor(context, [task]);
  return task;
}
