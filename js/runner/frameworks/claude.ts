/**
 * The `query` of the Claude Agent SDK with its options.
 *
 * 1. A query is one step. One that has not ended well is resumed by its session, which that SDK keeps on its machine; where it
 *    is there no more, the query begins anew.
 * 2. Where the options have no `canUseTool`, what wants permission is a question to a person. A use is asked about by what it
 *    is, not by its id: the resumed session gives the same use another one.
 */
import { messageOf } from '../../wire/message.ts';
import { keepSession, keepTold, lastQuery } from './claude-sessions.ts';
import { type AgentTask, DENIED, type Framework, isShape, mayUse, type Shape, tellUsage } from './framework.ts';

type Query = (question: object) => AsyncIterable<unknown>;

export const claude: Framework = {
  is: (agent) => typeof agent.query === 'function' && isShape(agent.options),
  ask: (agent, prompt, task) =>
    task.step('agent:1', async () => {
      const text = typeof prompt === 'string' ? prompt : prompt.map(({ content }) => String(content)).join('\n\n');
      const last = await lastQuery(task);
      if (last === undefined) return answerOf(agent, text, undefined, { task, number: 1, hasBegun: false });
      if (last.isLost) task.usage({ incomplete: true }); // what the lost query has used nobody says
      return goneOn(agent, text, last.session, { task, number: last.number + 1, hasBegun: false });
    }),
};

/** One query of a task. */
interface Turn {
  readonly task: AgentTask;
  readonly number: number;
  /** It has said which session it is. */
  hasBegun: boolean;
}

/** Begins anew where that SDK says that there is no such session: it may be on another machine, or be gone. */
async function goneOn(agent: Shape, text: string, session: string, turn: Turn): Promise<unknown> {
  try {
    return await answerOf(agent, GO_ON, session, turn);
  } catch (error) {
    if (turn.hasBegun || turn.task.signal.aborted || !NO_SESSION.test(messageOf(error))) throw error;
    return answerOf(agent, text, undefined, turn);
  }
}

/** As its result, or the error of its process, says it. All else before the start leaves the session to a retry. */
const NO_SESSION = /No conversation found with session ID/;

const GO_ON = 'You were interrupted. Go on with what you were asked to do.';

async function answerOf({ query, options }: Shape, prompt: string, resume: string | undefined, turn: Turn) {
  const { task } = turn;
  const { signal, output } = task;
  const abortController = new AbortController();
  const abort = (): void => abortController.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    const own = options as Shape;
    // that SDK refuses both
    const asking = own.permissionPromptToolName === undefined ? { canUseTool: own.canUseTool ?? permitting(task) } : {};
    const resumed = resume === undefined ? {} : { resume };
    const question = { prompt, options: { ...own, ...resumed, ...asking, abortController } };
    for await (const message of (query as Query)(question)) {
      signal.throwIfAborted();
      if (!isShape(message)) continue;
      await noteSession(message, turn);
      for (const piece of textsIn(message)) output(piece);
      if (message.type !== 'result') continue;
      await noteResult(message, turn);
      return resultOf(message);
    }
    throw new Error('the query ended without a result');
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** What comes from a cache, or goes into it, is not in its `input_tokens`. */
function wholly(usage: unknown): unknown {
  if (!isShape(usage)) return usage;
  const { input_tokens: read, cache_creation_input_tokens: made, cache_read_input_tokens: cached } = usage;
  return { ...usage, input_tokens: Number(read ?? 0) + Number(made ?? 0) + Number(cached ?? 0) };
}

/** As its first message says it. */
async function noteSession({ type, subtype, session_id: id }: Shape, turn: Turn): Promise<void> {
  if (turn.hasBegun || type !== 'system' || subtype !== 'init' || typeof id !== 'string') return;
  turn.hasBegun = true;
  await keepSession(turn.task, turn.number, id);
}

async function noteResult({ usage, total_cost_usd: cost }: Shape, { task, number, hasBegun }: Turn): Promise<void> {
  if (tellUsage(task, wholly(usage), cost) && hasBegun) await keepTold(task, number);
}

/** Answers as that SDK wants to be answered. */
function permitting(task: AgentTask) {
  return async (tool: string, input: Shape) =>
    (await isAllowed(tool, input, task))
      ? { behavior: 'allow', updatedInput: input }
      : { behavior: 'deny', message: DENIED };
}

/** Uses that are alike are told apart by their number: an answer that was given out is not given out again. */
async function isAllowed(tool: string, input: Shape, task: AgentTask): Promise<boolean> {
  const use = `${tool.slice(0, 100)}:${await digestOf(input)}`;
  for (let number = 1; ; number += 1) {
    let isNew = false;
    const allowed = await task.step(`tool:${use}:${number}`, () => {
      isNew = true;
      return mayUse(task, `${use}:${number}`, tool, input);
    });
    if (isNew) return allowed;
  }
}

const DIGITS = 16;

async function digestOf(input: Shape): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(input) ?? '');
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .slice(0, DIGITS);
}

function textsIn({ type, message }: Shape): string[] {
  const content = type === 'assistant' && isShape(message) ? message.content : undefined;
  if (!Array.isArray(content)) return [];
  return content.flatMap((part) => (isShape(part) && part.type === 'text' ? [String(part.text)] : []));
}

function resultOf({ subtype, result, errors }: Shape): unknown {
  if (subtype === 'success') return result;
  throw new Error(`the query failed: ${String(subtype)}${Array.isArray(errors) ? `: ${errors.join('; ')}` : ''}`);
}
