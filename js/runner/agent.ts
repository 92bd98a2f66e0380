import { InvalidArgumentError } from '../errors/index.ts';
import type { AbortSignal } from '../wire/globals.ts';
import type { Work } from './entry.ts';
import { type AgentPrompt, frameworkOf, needRun, type OpenAIAgentsRun, openaiAgents } from './frameworks/index.ts';
import type { SubmitOptions } from './spec.ts';
import type { TaskContext } from './task-context.ts';

const METHODS = ['start', 'chat', 'run', 'execute'] as const;

/**
 * Something that answers a prompt: an agent of a framework, as its objects look; a function, or an object with one of these
 * methods; the first one it has is called.
 */
export type Agent =
  | ((prompt: string, options: { signal: AbortSignal }) => unknown)
  | {
      [method in (typeof METHODS)[number]]?:
        | ((prompt: string, options: { signal: AbortSignal }) => unknown)
        | undefined;
    }
  | FrameworkAgent;

/** Agents of the AI SDK, LangChain, LangGraph, Mastra, `@openai/agents` and the Claude Agent SDK, by what they have. */
export type FrameworkAgent =
  | { generate(...args: never[]): unknown; stream(...args: never[]): unknown }
  | { invoke(...args: never[]): unknown; stream(...args: never[]): unknown }
  | { asTool(...args: never[]): unknown; getSystemPrompt(...args: never[]): unknown }
  | { query(...args: never[]): unknown; options: object };

/** How to run a call of an agent. */
export interface SubmitAgentOptions extends SubmitOptions {
  /** The `run` of `@openai/agents`, for an agent of that package. */
  run?: OpenAIAgentsRun | undefined;
}

/** The work of asking an agent; it is given the task's signal. */
export function agentWork(agent: Agent, prompt: AgentPrompt, run?: OpenAIAgentsRun): Work {
  const framework = frameworkOf(agent);
  if (framework === openaiAgents) needRun(run);
  if (framework !== undefined) return (ctx: TaskContext) => framework.ask(agent as never, prompt, ctx, run);
  if (typeof prompt !== 'string') {
    throw new InvalidArgumentError('prompt: got messages, expected a text: only agents of frameworks take messages', {
      option: 'prompt',
    });
  }
  const answer = plainly(agent);
  if (answer === undefined) {
    throw new InvalidArgumentError('Agent must have start(), chat(), or run() method', { option: 'agent' });
  }
  return ({ signal }: TaskContext) => answer(prompt, { signal });
}

/** What a recipe gets that is asked as an agent: the same as of a prompt that names it. */
export function inputOfPrompt(prompt: AgentPrompt, run: OpenAIAgentsRun | undefined): unknown {
  if (run !== undefined)
    throw new InvalidArgumentError('run: got it beside a recipe, which has its own', { option: 'run' });
  return { prompt, input: prompt };
}

type Answer = (prompt: AgentPrompt, how: { signal: AbortSignal }) => unknown;

/** How what is of no framework answers: as a function, or by the first of its methods; undefined: not at all. */
export function plainly(agent: unknown): Answer | undefined {
  if (typeof agent === 'function') return agent as Answer;
  const own = agent as Partial<Record<(typeof METHODS)[number], Answer>> | null | undefined;
  const method = METHODS.find((name) => typeof own?.[name] === 'function');
  return method && ((prompt, how) => own?.[method]?.(prompt, how));
}
