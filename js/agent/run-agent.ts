/** Runs what `defineAgent` has defined. */
import { invalid } from '../errors/index.ts';
import type { RecipeContext } from '../ports/recipe.ts';
import type { Message } from '../program/agents/model/types.ts';
import { runOwnAgent } from '../program/agents/own-agent.ts';
import { plainly } from '../runner/agent.ts';
import { type AgentMessage, type AgentPrompt, type AgentTask, frameworkOf } from '../runner/frameworks/index.ts';
import { isObject } from '../wire/check.ts';
import { type AgentDefinition, type FrameworkDefinition, priceOf } from './definition.ts';
import { importOfUser } from './user-package.ts';

/** Asks an agent of a framework, or whatever takes a prompt. */
export async function runFramework(
  definition: FrameworkDefinition<never>,
  input: unknown,
  context: RecipeContext,
): Promise<unknown> {
  const { create, run, approve } = definition;
  const agent = create === undefined ? definition.agent : await create(context);
  const prompt = definition.prompt === undefined ? promptOf(input) : definition.prompt(input as never);
  const framework = frameworkOf(agent);
  if (framework === undefined) return askPlainly(agent, prompt, context);
  const { taskId, sessionId, signal, output, usage, requestInput } = context;
  const step = context.step as AgentTask['step'];
  const more = approve === 'deny' ? { approve } : {};
  const task: AgentTask = { taskId, sessionId, signal, output, usage, requestInput, step, load: importOfUser, ...more };
  return framework.ask(agent as never, prompt, task, run);
}

async function askPlainly(agent: unknown, prompt: AgentPrompt, { signal }: RecipeContext): Promise<unknown> {
  const answer = plainly(agent);
  if (answer === undefined)
    throw invalid('agent', agent, 'an agent of a framework, a function, or one with start(), chat() or run()');
  return answer(prompt, { signal });
}

/** Asks one of our own. */
export async function runOwn(
  { price, ...agent }: AgentDefinition,
  input: unknown,
  context: RecipeContext,
): Promise<unknown> {
  const prompt = promptOf(input);
  const messages: Message[] = typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : prompt.map(messageOf);
  return runOwnAgent({ ...agent, price: price && priceOf(price) }, messages, context);
}

function messageOf({ role, content }: AgentMessage): Message {
  const isKnown = role === 'user' || role === 'assistant' || role === 'system';
  if (isKnown && typeof content === 'string') return { role, content };
  throw invalid('prompt', { role }, 'messages of user, assistant and system, whose content is a text');
}

/** A text, messages, or an object that holds one of them as `prompt`. */
function promptOf(input: unknown): AgentPrompt {
  const given = isObject(input) ? input.prompt : input;
  if (typeof given === 'string') return given;
  if (Array.isArray(given) && given.every((one) => isObject(one) && typeof one.role === 'string')) return given;
  throw invalid('input.prompt', given, 'a text, or messages with a role each');
}
