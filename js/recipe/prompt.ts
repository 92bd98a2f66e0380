/** Prompts: agents without a recipe, in the folder of whoever submits them. */
import { realpathSync } from 'node:fs';
import { invalid, RecipeDependencyError } from '../errors/index.ts';
import { thisPlace } from '../platform/place.ts';
import { NO_ENDPOINT } from '../program/agents/endpoint.ts';
import { PROMPT, type PromptAgent, planOfPrompt } from '../program/agents/prompt.ts';
import { settleTree } from '../program/agents/settle.ts';
import { checkWhole } from '../wire/check.ts';
import type { AgentsConfig } from '../wire/config.ts';
import type { Settling } from './settle.ts';
import type { RecipeSource } from './types.ts';

/** The text, as it was given; `InvalidArgumentError` for none. */
export function checkedPrompt(prompt: unknown): string {
  checkWhole('prompt', prompt);
  if (typeof prompt === 'string' && prompt.trim() !== '') return prompt;
  throw invalid('prompt', prompt, 'a text');
}

/** The agent that is meant: the plain one, one that the configuration names, else the name of a recipe that is to be one. */
export function promptAgent(name: string | undefined, { named = {} }: AgentsConfig): PromptAgent | string {
  if (name === undefined) return { name: PROMPT, instructions: '', tools: [] };
  if (!Object.hasOwn(named, name)) return name;
  const { instructions = '', model, tools = [] } = named[name] ?? {};
  return { name, instructions, tools, ...(model === undefined ? {} : { llm: model }) };
}

/** What the agent's function gets, and what a folder of agents gets that is named as an agent. */
export const inputOfPrompt = (prompt: string): Record<string, unknown> => ({ prompt, input: prompt });

/** What a task's record keeps of a prompt's agent. Throws what a submit throws; nothing is called. */
export function sourceOfPrompt(agent: PromptAgent, settling: Omit<Settling, 'search'>): RecipeSource {
  const find = (name: string) => Promise.reject(new Error(`a prompt includes nothing, not '${name}'`));
  const { settled, needs } = settleTree(agent.name, planOfPrompt(agent), {}, { ...settling, needs: [], find });
  const missing = needs.filter((name) => settling.env[name] === undefined).map((name) => `env ${name}`);
  if (missing.length > 0) throw new RecipeDependencyError(agent.name, missing, NO_ENDPOINT);
  return {
    root: realpathSync(settling.cwd),
    place: thisPlace(),
    ad_hoc: true,
    agent,
    needs,
    inherit_env: false,
    settled,
  };
}
