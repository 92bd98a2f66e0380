/** The address `session:ID`: the agent that works in that session is told of ends, by a further task of it. */
import { invalid } from '../../errors/argument.ts';
import type { WakeRequest } from '../../ports/verbs.ts';
import type { RecipeSource } from '../../recipe/index.ts';
import type { VerbContext } from '../verb-context.ts';
import type { SubmitRequest } from '../verbs.ts';
import { sessionIn } from './deliver-to.ts';

/** What it is told, before what has ended. */
const TEXT = 'What you have started in the background has ended:';

/** The task that tells it; undefined where no session is to be told. */
export async function wakeOfSession(context: VerbContext, request: SubmitRequest): Promise<WakeRequest | undefined> {
  const { deliverTo, origin, onComplete } = request;
  const addresses = deliverTo ?? (origin === undefined ? [] : [origin]);
  const sessions = [...new Set(addresses.flatMap((address) => sessionIn(address) ?? []))];
  const [session] = sessions;
  if (session === undefined) return undefined;
  if (sessions.length > 1) throw invalid('deliverTo', sessions[1], 'one session at most');
  if (onComplete !== undefined) throw invalid('deliverTo', `session:${session}`, 'none beside onComplete');
  return { submit: { ...(await agentOf(context, session)), sessionId: session, onConflict: 'enqueue' } };
}

type Facts = { recipe: string; source?: RecipeSource & { agent?: { name: string } } };

/** The agent that was asked there last. */
async function agentOf(
  context: VerbContext,
  session: string,
): Promise<Pick<SubmitRequest, 'prompt' | 'agent' | 'recipe' | 'input' | 'onLost'>> {
  const page = { limit: 1, offset: 0, before: null, small: true };
  const query = { status: [], sessionId: session, recipe: null, attention: false, ...page };
  const [last] = context.exists ? (await context.run('list', query)).tasks : [];
  const { recipe, source } = JSON.parse(last?.record ?? '{"recipe":""}') as Facts;
  if (source?.agent !== undefined) {
    const { name } = source.agent;
    // A worker that dies while it is told takes no end with it. What a recipe wants then it says itself.
    return { prompt: TEXT, onLost: 'retry', ...(name === 'prompt' ? {} : { agent: name }) };
  }
  if (recipe === '')
    throw invalid('deliverTo', `session:${session}`, 'a session in which an agent or a recipe has worked');
  return { recipe: source?.root ?? recipe, input: { prompt: TEXT, input: TEXT } };
}
