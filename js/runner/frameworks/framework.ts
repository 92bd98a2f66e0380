/**
 * Agents of frameworks, by their shape: nothing of any framework is imported.
 *
 * What an agent says until it has ended or asks a person is one step: a run that begins anew, since its process had gone when
 * the answer came, goes on with what was stored. Tools that it uses in between may be used again when it is killed there.
 */
import type { AbortSignal } from '../../wire/globals.ts';
import type { UsageFact } from '../../wire/usage.ts';
import type { InputAnswer, InputQuestion } from '../requests.ts';
import { countsIn } from './counts.ts';

/** One message of a conversation, as the framework of the agent has it. */
export interface AgentMessage {
  /** `user`, `assistant`, `system` or `tool`. */
  role: string;
  /** A text, or the parts that the framework knows. */
  content: unknown;
}

/** What of its task an agent is given. */
export interface AgentTask {
  readonly taskId: string;
  readonly sessionId: string | null;
  readonly signal: AbortSignal;
  readonly output: (chunk: unknown) => void;
  readonly usage: (used: UsageFact) => void;
  readonly requestInput: (question: InputQuestion) => Promise<InputAnswer>;
  readonly step: <T>(key: string, fn: () => Promise<T>) => Promise<T>;
  /** Without it people are asked; with it nobody is, and all is denied. */
  readonly approve?: 'deny';
  /** Imports a package as the agent's own code does; without it none can be. */
  readonly load?: (name: string) => Promise<Record<string, unknown>>;
}

export type AgentPrompt = string | readonly AgentMessage[];

/** The `run` of `@openai/agents`. */
export type OpenAIAgentsRun = (agent: never, input: never, options?: never) => unknown;

/** An object whose methods are looked at one by one. */
export type Shape = Readonly<Record<string, unknown>>;

export interface Framework {
  /** Whether an agent is one of its own. */
  is(agent: Shape): boolean;
  /** Asks it. Answers with its text, or whatever its outcome is. */
  ask(agent: Shape, prompt: AgentPrompt, task: AgentTask, run?: OpenAIAgentsRun): Promise<unknown>;
}

/** Whether all of these are methods. */
export const has = (agent: Shape, ...methods: string[]): boolean =>
  methods.every((method) => typeof agent[method] === 'function');

/** Calls a method on its object, which may be of a class. */
export const call = async (agent: Shape, method: string, ...args: unknown[]): Promise<unknown> =>
  (agent[method] as (...args: unknown[]) => unknown).apply(agent, args);

export const isShape = (value: unknown): value is Shape => typeof value === 'object' && value !== null;

export const messagesOf = (prompt: AgentPrompt): readonly AgentMessage[] =>
  typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : prompt;

/** Tells what was used, and whether anything is known of it; what is no count is left out, and nothing is no fact. */
export function tellUsage(task: AgentTask, usage: unknown, cost?: unknown): boolean {
  if (!isShape(usage)) return false;
  const counts = countsIn(usage);
  const isKnown = counts.inputTokens !== undefined || counts.outputTokens !== undefined;
  if (isKnown) task.usage({ ...counts, ...(typeof cost === 'number' && cost >= 0 ? { cost } : {}) });
  return isKnown;
}

const MOST_SHOWN = 500;

/** Asks a person whether a tool may be used: under a key of the call, so that a further attempt asks nobody again. */
export async function mayUse(task: AgentTask, id: string, tool: unknown, args: unknown): Promise<boolean> {
  if (task.approve === 'deny') return false;
  const shown = (JSON.stringify(args) ?? '').slice(0, MOST_SHOWN);
  const { action } = await task.requestInput({
    key: `tool:${id}`,
    message: `May ${String(tool)} be used with ${shown}?`,
    schema: PERMISSION,
  });
  return action === 'accept';
}

/** A yes needs nothing beside it. */
const PERMISSION = { type: ['object', 'null'] };

/** What a model is told whose tool was not allowed. */
export const DENIED = 'denied by a person';
