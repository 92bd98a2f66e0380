/** What follows the end of a task, in the commit of that end: once, whoever has decided it. */
import type { Program } from '../../ports/backend.ts';
import { SAID_STEP } from '../../wire/conversation.ts';
import { stepOf } from '../sql/events.ts';
import { addExchange, dropExchanges, type EndedTask, endedTask, exchangesOf, sessionOf } from '../sql/sequels.ts';
import type { Sequel } from '../types.ts';
import type { Context, Operation } from './operation.ts';
import { deliver } from './outbox.ts';
import { wake } from './wake.ts';

/** Of all tasks that this program has ended. One whose end was undone has not ended. */
export function* followUp(context: Context): Program<void> {
  if (context.told.length > 0) yield* deliver(context);
  const sequels = [...context.sequels];
  context.sequels.clear();
  for (const [seq, data] of sequels) {
    const ended = yield* endedTask(seq);
    if (ended !== undefined) yield* follow(context, seq, ended, JSON.parse(data));
  }
}

function* follow(
  context: Context,
  seq: number,
  ended: EndedTask,
  { conversation: talks, wake: whom }: Sequel,
): Program<void> {
  if (talks) yield* keepExchange(context, ended);
  if (whom !== undefined) yield* wake(context, seq, ended, whom);
}

/** Milliseconds that a conversation is kept: 30 days. */
const KEPT = 30 * 86_400_000;

/** Of one that has failed nothing is kept: nobody has answered. */
function* keepExchange({ now }: Context, { id, status, session_id, input, result }: EndedTask): Program<void> {
  if (status !== 'completed' || session_id === null || input === null || result === null) return;
  yield* dropExchanges(now - KEPT);
  const said = yield* stepOf(id, SAID_STEP);
  yield* addExchange(session_id, id, input, said?.data ?? null, result, now);
}

export const conversation: Operation<'conversation'> = {
  kind: 'read',
  *run({ now }, { limit, ...of }) {
    const session = 'session' in of ? of.session : (yield* sessionOf(of.task))?.session_id;
    if (session == null) return [];
    const found = yield* exchangesOf(session, now - KEPT, limit);
    return found.reverse().map(({ task, at, prompt, said, answer }) => ({
      task_id: task,
      at,
      payloads: { input: prompt, result: answer },
      ...(said === null ? {} : { step: { data: said } }),
    }));
  },
};
