/** What `defineAgent` takes. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { RecipeContext } from '../ports/recipe.ts';
import type { LanguageModelLike } from '../program/agents/model/ask-object.ts';
import type { ToolLike } from '../program/agents/tools/code-tools.ts';
import type { Agent } from '../runner/agent.ts';
import type { AgentPrompt, OpenAIAgentsRun } from '../runner/frameworks/index.ts';
import type { Budget, ModelPrice } from '../wire/budget.ts';

/** What a model costs, in US dollars for a million tokens. */
export interface AgentPrice {
  /** Tokens that it reads. */
  input: number;
  /** Those of them that were cached. Default: as the others. */
  cachedInput?: number | undefined;
  /** Tokens that it writes. */
  output: number;
}

/** By the names of the configuration. */
export const priceOf = ({ cachedInput, ...price }: AgentPrice): ModelPrice =>
  cachedInput === undefined ? price : { ...price, cached_input: cachedInput };

/** What every agent has. */
export interface NamedAgent {
  /** `[a-z0-9][a-z0-9._-]{0,63}`, without `..`. */
  name: string;
  /** For people. */
  description?: string | undefined;
  /** Of the code, 1 to 200 characters. Default `"1"`. */
  version?: string | undefined;
  /** Whether a person is asked for tools that want approval, or all of them are denied. Default `'ask'`. */
  approve?: 'ask' | 'deny' | undefined;
}

/** An agent of a framework. */
export interface FrameworkDefinition<I> extends NamedAgent {
  /** The agent; not beside `create`. */
  agent?: Agent | undefined;
  /** Makes the agent, once in each run. */
  create?: ((ctx: RecipeContext) => Agent | PromiseLike<Agent>) | undefined;
  /** Any Standard Schema. Default: none, and the prompt is `input.prompt`. */
  input?: StandardSchemaV1 | undefined;
  /** What the agent is asked. Default: `input.prompt`, or the input where that is a text. */
  prompt?: ((input: I) => AgentPrompt) | undefined;
  /** The `run` of `@openai/agents`. Default: that of the package as the working folder has it. */
  run?: OpenAIAgentsRun | undefined;
}

/** An agent of our own: a model, instructions and tools. */
export interface AgentDefinition extends NamedAgent {
  /** Of a framework's only. */
  agent?: undefined;
  /** Of a framework's only. */
  create?: undefined;
  /** What it is told first. */
  instructions?: string | undefined;
  /** A model's name, for a server as [agents recipes](AGENTS.md) find it, or a model object of the AI SDK's providers. */
  model?: string | LanguageModelLike | undefined;
  /** By their names. */
  tools?: Readonly<Record<string, ToolLike>> | undefined;
  /** Model calls at most. Default 20. */
  maxTurns?: number | undefined;
  /** What all model calls of one task may use, over all attempts. Default: no bound. `cost` needs a `price`. */
  budget?: Budget | undefined;
  /** What the model costs, in US dollars for a million tokens; what its server says counts before it. */
  price?: AgentPrice | undefined;
  /** What it has to answer, any Standard Schema. Default: a text. */
  output?: StandardSchemaV1 | undefined;
}
