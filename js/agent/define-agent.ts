/** Agents as recipes in code. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { invalid } from '../errors/index.ts';
import type { Recipe, RecipeContext } from '../ports/recipe.ts';
import { defineRecipe } from '../recipe/define.ts';
import type { AgentPrompt } from '../runner/frameworks/index.ts';
import { checkedLimits, isPrice } from '../wire/budget.ts';
import { checkObject } from '../wire/check.ts';
import {
  type AgentDefinition,
  type AgentPrice,
  type FrameworkDefinition,
  type NamedAgent,
  priceOf,
} from './definition.ts';

const NAMED: Record<keyof NamedAgent, true> = { name: true, description: true, version: true, approve: true };
const OF_FRAMEWORK = { ...NAMED, agent: true, create: true, input: true, prompt: true, run: true };
const OF_OWN = {
  ...NAMED,
  instructions: true,
  model: true,
  tools: true,
  maxTurns: true,
  budget: true,
  price: true,
  output: true,
};

/**
 * Defines an agent as a recipe: submitted by name or as it is, its input is `{ prompt }`, its result the agent's answer, which
 * comes as `output` while it is written.
 *
 * What an agent of a framework says until it has ended, or asks for approval, is one step; of an agent of our own each model call
 * and each use of a tool is one. A run that begins anew, after the death of its process or when an answer found it gone, goes on
 * behind what is stored.
 *
 * Throws `InvalidArgumentError` for an unknown key, both of `agent` and `create`, and what `defineRecipe` throws.
 */
export function defineAgent<I = { prompt: string }>(definition: FrameworkDefinition<I>): Recipe<I, string>;
export function defineAgent<S extends StandardSchemaV1>(
  definition: AgentDefinition & { output: S },
): Recipe<{ prompt: AgentPrompt }, StandardSchemaV1.InferOutput<S>>;
export function defineAgent(definition: AgentDefinition): Recipe<{ prompt: AgentPrompt }, string>;
export function defineAgent(definition: FrameworkDefinition<never> | AgentDefinition): Recipe<never, never> {
  const isOwn = definition?.agent === undefined && definition?.create === undefined;
  checkObject('agent', definition, isOwn ? OF_OWN : OF_FRAMEWORK);
  const { name, description, version, approve = 'ask' } = definition;
  if (approve !== 'ask' && approve !== 'deny') throw invalid('approve', approve, "'ask' or 'deny'");
  const named = { name, description, version };
  const run = isOwn
    ? runOfOwn(definition as AgentDefinition)
    : runOfFramework(definition as FrameworkDefinition<never>);
  const { input } = definition as FrameworkDefinition<never>;
  return defineRecipe({ ...named, ...(input === undefined ? {} : { input }), run } as never) as Recipe<never, never>;
}

type Run = (input: unknown, ctx: RecipeContext) => Promise<unknown>;

function runOfFramework(definition: FrameworkDefinition<never>): Run {
  const { agent, create, prompt } = definition;
  if (agent !== undefined && create !== undefined) throw invalid('create', create, 'none beside an agent');
  for (const [option, given] of Object.entries({ create, prompt })) {
    if (given !== undefined && typeof given !== 'function') throw invalid(option, given, 'a function');
  }
  return async (input, ctx) => (await import('./run-agent.ts')).runFramework(definition, input, ctx);
}

function runOfOwn(definition: AgentDefinition): Run {
  const { instructions, tools, price } = definition;
  const { budget } = checkedLimits(definition);
  if (price !== undefined) checkPrice(price);
  if (budget?.cost !== undefined && price === undefined)
    throw invalid('budget.cost', budget.cost, 'a price beside it: { input, output }, dollars for a million tokens');
  if (instructions !== undefined && typeof instructions !== 'string')
    throw invalid('instructions', instructions, 'a text');
  if (tools !== undefined && (typeof tools !== 'object' || tools === null))
    throw invalid('tools', tools, 'tools by their names');
  return async (input, ctx) => (await import('./run-agent.ts')).runOwn(definition, input, ctx);
}

function checkPrice(price: AgentPrice): void {
  checkObject('price', price, { input: true, cachedInput: true, output: true }, 'price');
  if (!isPrice(priceOf(price)))
    throw invalid('price', price, '{ input, cachedInput?, output }: US dollars for a million tokens');
}
