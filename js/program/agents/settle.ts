/** What a submit settles of an agents recipe: endpoint, models, tools, input. Nothing is called, and no Python is run. */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InvalidArgumentError } from '../../errors/argument.ts';
import { RecipeDependencyError, RecipeValidationError } from '../../errors/recipe.ts';
import type { ProgramFolder, ProgramSubmit, Settled } from '../../ports/program.ts';
import type { Budget, ModelPrice } from '../../wire/budget.ts';
import { isObject } from '../../wire/check.ts';
import type { AgentsConfig } from '../../wire/config.ts';
import { programFolder } from '../contain.ts';
import { AGENTS_FILE } from './agents-files.ts';
import { type Endpoint, endpointOf, isOpenAi, NO_ENDPOINT } from './endpoint.ts';
import { modelFor } from './model-name.ts';
import type { AgentSpec } from './plan.ts';
import { type PlanTree, plansOf, planTree } from './plan-tree.ts';
import { deniedOf, type NamedTool, namedTool, refuseDenied, unknownTool } from './policy.ts';
import { interpreterFor } from './python/interpreter.ts';
import { requiredInputs } from './required.ts';
import { settingsOf } from './settings.ts';
import { priceOf, type Spent } from './spending.ts';
import { keyOfTool } from './tool-names.ts';
import { unseenMedia } from './unseen-media.ts';

/** What a record keeps: it holds for the task, wherever it runs. */
export interface AgentsSettled {
  endpoint: Endpoint;
  /** By what the agents' authors call them; of those who say nothing under ''. */
  models: Readonly<Record<string, string>>;
  /** What is let, by the names that the agents use. */
  tools: Readonly<Record<string, 'allow' | 'ask'>>;
  /** Names that no tool has and agents do without; absent where there are none. */
  missing_tools?: readonly string[];
  /** The folder that files are read and written in. */
  folder: string;
  /** Day of the submit, YYYY-MM-DD. */
  today: string;
  /** Folders of included recipes, by their names under each other: `a`, `a/b`. */
  includes: Readonly<Record<string, string>>;
  /** The Python of recipes' folders that have functions in it. */
  python: Readonly<Record<string, string>>;
  /** Model calls of one step. */
  max_turns: number;
  budget: Budget;
  /** By model, of those that are used. */
  prices: Readonly<Record<string, ModelPrice>>;
  /** What the task has used whose steps this one has kept. */
  spent?: Spent;
  /** Milliseconds of silence after which a server is given up. */
  idle_ms: number;
  structured: boolean;
  /** The session carries the conversation on. */
  conversation?: true;
}

/** Settles the recipe in a folder. */
export async function settleFolder(folder: ProgramFolder, file: string, submit: ProgramSubmit): Promise<Settled> {
  const includes: Record<string, string> = {};
  const tree = await planTree(folder, file, async (name, way) => {
    const found = await includedFolder(folder, name, submit);
    includes[way.join('/')] = found.root;
    return found;
  });
  return settleTree(folder.name, tree, includes, submit);
}

/** A neighbour of the recipe's folder first, then whatever the search path has. */
async function includedFolder(folder: ProgramFolder, name: string, { find }: ProgramSubmit): Promise<ProgramFolder> {
  const beside = dirname(folder.root);
  const isName = /^[a-z0-9][a-z0-9._-]*$/.test(name) && !name.includes('..');
  if (isName && existsSync(join(beside, name, AGENTS_FILE))) {
    const root = programFolder(beside, name).inside(name);
    if (root !== undefined) return programFolder(root, name);
  }
  return find(name);
}

export function settleTree(
  recipe: string,
  tree: PlanTree,
  includes: Record<string, string>,
  submit: ProgramSubmit,
): Settled {
  const { env, config, asked, needs, now } = submit;
  const uses = toolsOf(recipe, tree, submit);
  const denied = deniedOf(uses);
  if (!submit.looks && !submit.checks) refuseDenied(recipe, denied, config);
  const endpoint = endpointOf(env, config);
  if (endpoint === undefined && !submit.looks)
    throw new RecipeDependencyError(recipe, ['env OPENAI_API_KEY'], NO_ENDPOINT);
  const models = endpoint === undefined ? {} : modelsOf(tree, { endpoint, asked: asked.model, config, env }, submit);
  const required = requiredInputs(tree);
  const python = pythonOf(tree, uses, submit);
  const missing = uses.filter(({ from }) => from === 'unknown').map(({ name }) => name);
  const allowed = uses.flatMap(({ name, policy }) => (policy === 'deny' ? [] : [[name, policy] as const]));
  const settled: Partial<AgentsSettled> = {
    ...(endpoint === undefined ? {} : { endpoint }),
    models,
    tools: Object.fromEntries(allowed),
    ...(missing.length === 0 ? {} : { missing_tools: missing }),
    folder: realpathSync(submit.cwd),
    today: new Date(now).toISOString().slice(0, 10),
    includes,
    python,
    prices: pricesOf(Object.values(models), config),
    ...settingsOf(submit),
  };
  if (!submit.looks) refuseUnpriced(settled);
  return {
    settled,
    input: inputOf(recipe, required, submit),
    needs: endpoint === undefined ? needs : needsOf(tree, needs, endpoint, uses),
    external: Object.values(python).filter((name) => !isPath(name)),
    plan: shownPlan(tree, { required, uses, endpoint, models, settled }),
    denied,
  };
}

/** Tools of the agents that do something. `RecipeValidationError` for unknown ones, unless they are to be skipped. */
function toolsOf(recipe: string, tree: PlanTree, { asked, config, looks }: ProgramSubmit): NamedTool[] {
  const found = new Map<string, NamedTool>();
  for (const { plan, defined } of plansOf(tree)) {
    for (const { name: agent, tools } of agentsAtWork(plan)) {
      for (const name of tools) {
        const use = namedTool(name, defined, asked, config);
        const isSkipped = looks || config.tools?.missing === 'skip';
        if (use.from === 'unknown' && !isSkipped) throw unknownIn(recipe, plan, agent, unknownTool(name, defined));
        if (found.get(name)?.from !== 'python') found.set(name, use);
      }
    }
  }
  return [...found.values()];
}

function unknownIn(
  recipe: string,
  { places }: PlanTree['plan'],
  agent: string,
  message: string,
): RecipeValidationError {
  const place = { path: AGENTS_FILE, ...places(agent) };
  return new RecipeValidationError(recipe, [{ ...place, message: `agents.${agent}.tools: ${message}` }]);
}

/** Those that a step names. */
function agentsAtWork({ agents, steps }: PlanTree['plan']): AgentSpec[] {
  const named = steps.flatMap((step) =>
    step.kind === 'agent' ? [step.agent] : step.kind === 'loop' ? step.steps.map(({ agent }) => agent) : [],
  );
  return [...agents.values()].filter(({ name }) => named.includes(name));
}

function modelsOf(tree: PlanTree, choice: Parameters<typeof modelFor>[1], { looks }: ProgramSubmit) {
  const names = new Set([...plansOf(tree)].flatMap(({ plan }) => agentsAtWork(plan).map(({ llm = '' }) => llm)));
  const found = new Map<string, string>();
  for (const llm of names) {
    try {
      found.set(llm, modelFor(llm === '' ? undefined : llm, choice));
    } catch (error) {
      if (!looks) throw error;
    }
  }
  return Object.fromEntries(found);
}

/** Of these models those whose price is known. */
export function pricesOf(models: readonly string[], { prices = {} }: AgentsConfig): Record<string, ModelPrice> {
  return Object.fromEntries(
    models.flatMap((model) => {
      const price = priceOf(prices, model);
      return price === undefined ? [] : [[model, price] as const];
    }),
  );
}

/** A bound of what is not known would be none. */
export function refuseUnpriced({ budget, models = {}, prices = {} }: Partial<AgentsSettled>): void {
  if (budget?.cost === undefined) return;
  const unpriced = [...new Set(Object.values(models))].filter((model) => priceOf(prices, model) === undefined);
  if (unpriced.length === 0) return;
  throw new InvalidArgumentError(
    `budget.cost: got ${budget.cost}, but what ${unpriced.join(', ')} costs is not known; agents.prices of the configuration says so: { "${unpriced[0]}": { "input": 1, "output": 2 } }, dollars for a million tokens`,
    { option: 'budget.cost', details: { models: unpriced } },
  );
}

/** OpenAI's key is needed for OpenAI's endpoint alone, whatever recipes say that were written for no other. */
function needsOf(tree: PlanTree, needs: readonly string[], endpoint: Endpoint, uses: readonly NamedTool[]): string[] {
  const all = new Set([...needs, ...[...plansOf(tree)].flatMap(({ plan }) => plan.about.env)]);
  if (!isOpenAi(endpoint)) all.delete('OPENAI_API_KEY');
  if (endpoint.key !== undefined) all.add(endpoint.key);
  for (const { name, policy } of uses) {
    const key = policy === 'deny' ? undefined : keyOfTool(name);
    if (key !== undefined) all.add(key);
  }
  return [...all];
}

/** By folder, where a function of it is let. */
function pythonOf(tree: PlanTree, uses: readonly NamedTool[], { env, config }: ProgramSubmit): Record<string, string> {
  const names = uses.filter(({ from, policy }) => from === 'python' && policy !== 'deny').map(({ name }) => name);
  const roots = [...plansOf(tree)].filter(({ defined }) => names.some((name) => defined.includes(name)));
  return Object.fromEntries(roots.map(({ root }) => [root, interpreterFor(root, env, config)]));
}

const isPath = (program: string): boolean => program.includes('/');

/** A bare value is that of the only input that is required. Refuses what is missing, all at once. */
function inputOf(recipe: string, required: readonly string[], { input }: ProgramSubmit): unknown {
  if (input === undefined) return undefined;
  const { given = {} } = input;
  const whole = isObject(given) ? ofPrompt(required, given) : withOnly(required, given);
  const missing = required.filter((name) => !Object.hasOwn(whole, name) || whole[name] === undefined);
  if (missing.length === 0) return whole;
  const problems = missing.map((name) => ({ path: `input.${name}`, message: 'is required' }));
  throw new RecipeValidationError(recipe, problems, 'input');
}

/** A prompt, too, is the value of the only input that is required. */
function ofPrompt(required: readonly string[], given: Record<string, unknown>): Record<string, unknown> {
  const isPrompt = typeof given.prompt === 'string' && given.prompt === given.input;
  return isPrompt ? { ...withOnly(required, given.prompt), ...given } : given;
}

function withOnly(required: readonly string[], value: unknown): Record<string, unknown> {
  const [only] = required;
  return { input: value, ...(only !== undefined && required.length === 1 ? { [only]: value } : {}) };
}

interface Found {
  required: readonly string[];
  uses: readonly NamedTool[];
  endpoint: Endpoint | undefined;
  models: Readonly<Record<string, string>>;
  settled: Partial<AgentsSettled>;
}

function shownPlan(tree: PlanTree, { required, uses, endpoint, models, settled }: Found): Record<string, unknown> {
  const { plan } = tree;
  return {
    inputs: { required, defaults: { ...plan.variables, ...(plan.input === undefined ? {} : { input: plan.input }) } },
    agents: agentsAtWork(plan).map(({ name, llm = '', tools }) => ({ name, model: models[llm] ?? null, tools })),
    steps: plan.steps.map(shownStep),
    tools: uses,
    endpoint: endpoint?.url ?? null,
    limits: { max_turns: settled.max_turns, budget: settled.budget },
    includes: [...tree.includes].map(([name, { root }]) => ({ name, path: root })),
    warnings: [...[...plansOf(tree)].flatMap((one) => one.plan.warnings), ...unseenMedia(required, uses)],
  };
}

function shownStep(step: PlanTree['plan']['steps'][number]): Record<string, unknown> {
  const { key, kind } = step;
  if (kind === 'include') return { step: key, include: step.recipe };
  if (kind === 'agent') return { step: key, agent: step.agent };
  return { step: key, loop: step.over, workers: step.workers, agents: step.steps.map(({ agent }) => agent) };
}
