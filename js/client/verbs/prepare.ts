/** From what a user asks to a task that can be stored: everything is checked here, nothing is written. */
import { submit as newRecord, newTaskId } from '../../core/index.ts';
import { invalid, RecipeDependencyError, RecipePolicyError } from '../../errors/index.ts';
import { needGroups } from '../../platform/groups.ts';
import type { Recipe } from '../../ports/recipe.ts';
import type { RecipeSearch } from '../../recipe/index.ts';
import type { NewTask, Payloads } from '../../store/types.ts';
import { checkKeys, checkObject, checkWhole } from '../../wire/check.ts';
import { lazily } from '../../wire/lazily.ts';
import { checked } from '../../wire/schema.ts';
import { LIMITS, serialize } from '../../wire/serialize.ts';
import { type Soon, soon } from '../../wire/soon.ts';
import { BACKOFF_KEYS } from '../../wire/submit-options.ts';
import { ON_CONFLICT } from '../../wire/task.ts';
import type { Lineage } from '../../worker/environment/index.ts';
import type { VerbContext } from '../verb-context.ts';
import type { SubmitRequest } from '../verbs.ts';
import { type ToldByRecipe, withTold } from './deliver-to.ts';
import { findOnce } from './find-once.ts';
import { refuseOfAgents, settlingFor } from './of-agents.ts';
import { REQUEST_KEYS } from './request.ts';
import { ENDLESS, ofRecipe, specOf } from './spec-of.ts';
import { checkedTags } from './tags.ts';
import { isTalk, withTalk } from './talk.ts';

/** Where a submit from within a task comes from. */
export interface Origin {
  /** The environment of the task that submits. */
  lineage?: Lineage | undefined;
  /** The folder in which its recipe lies: recipes are looked for there first. */
  beside?: string | undefined;
  /** A task submits it. */
  isChild?: boolean;
  /** It is stored next, in a store that is there: that refuses a bad spec itself. */
  isStored?: boolean;
}

/**
 * Checks a request and resolves its recipe. Throws what `submit` would throw. What the recipe needs is looked for in this
 * process' environment, or in that of the task that submits.
 */
export function prepareTask(context: VerbContext, request: SubmitRequest, origin: Origin = {}): Soon<NewTask> {
  checkKeys(request, REQUEST_KEYS);
  if (request.backoff !== undefined) checkObject('backoff', request.backoff, BACKOFF_KEYS, 'backoff');
  for (const option of ['name', 'sessionId', 'idempotencyKey'] as const) checkWhole(option, request[option]);
  if (context.config.background?.enabled === false) {
    throw new RecipePolicyError('background tasks are switched off by the configuration (background.enabled)');
  }
  const made = makeOf(context, request, origin); // at once where the recipe is code, which is at hand
  return soon(made, (one) => preparedOf(context, request, origin, one));
}

function preparedOf(
  context: VerbContext,
  request: SubmitRequest,
  origin: Origin,
  { told, ...made }: Made,
): Soon<NewTask> {
  if (origin.isStored !== true) newRecord(made.spec, newTaskId(), Date.now()); // refuses a bad spec before a store is made
  const { metadata, onConflict = isTalk(request) ? 'enqueue' : 'parallel' } = request;
  if (!ON_CONFLICT.includes(onConflict)) throw invalid('onConflict', onConflict, ON_CONFLICT.join(', '));
  const kept = metadata === undefined ? made.payloads : { ...made.payloads, metadata: metadataJson(metadata) };
  const tags = checkedTags(request.tags);
  const task: NewTask = {
    ...made,
    payloads: kept,
    onConflict,
    parent: null,
    childKey: null,
    tags,
  };
  const isChild = origin.isChild === true || request.parent !== undefined;
  const variables = origin.lineage?.variables ?? context.env;
  return withTold(context, request, task, { recipe: told, isChild, variables });
}

type Made = Omit<NewTask, 'onConflict' | 'parent' | 'childKey' | 'tags'> & { told?: ToldByRecipe };

/** Of a command, of a recipe in code, or of one that is a folder. */
function makeOf(context: VerbContext, request: SubmitRequest, origin: Origin): Soon<Made> {
  const { recipe, command, cwd, prompt, agent } = request;
  if (prompt !== undefined) return fromPrompt(context, request, origin);
  if (agent !== undefined) throw invalid('agent', agent, 'none without a prompt');
  if (command !== undefined && recipe !== undefined) throw invalid('recipe', recipe, 'none beside a command');
  if (command !== undefined) return fromCommand(context, request, command);
  if (cwd !== undefined) throw invalid('cwd', cwd, 'none without a command');
  if (recipe === undefined) throw invalid('recipe', recipe, "a recipe's name or path, or a command in its place");
  const known = typeof recipe === 'string' ? context.recipes.get(recipe) : recipe;
  if (known === undefined) return fromFolder(context, request, recipe as string, origin);
  if (context.recipes.get((known as Recipe | null)?.name ?? '') === known) return fromCode(context, request, known);
  return fromNewCode(context, request, known);
}

/** A recipe in code that was not submitted here before. */
async function fromNewCode(context: VerbContext, request: SubmitRequest, recipe: Recipe): Promise<Made> {
  const { knowRecipe } = await loadCode();
  knowRecipe(context, recipe);
  return fromCode(context, request, recipe);
}

/** Load what recipes in code, and those that are folders, need. */
export const loadCode = lazily(() => import('../known-recipes.ts'));
export const loadFolders = lazily(() => import('../../recipe/index.ts'));

async function fromFolder(
  context: VerbContext,
  request: SubmitRequest,
  name: string,
  { lineage, beside }: Origin,
): Promise<Made> {
  const { checkRunnable, findRecipe, prepareConfig, prepareInput, settleRecipe, sourceOf } = await loadFolders();
  const search = searchOf(context, { lineage, beside });
  const find = () => findRecipe(name, search);
  const isOwn = lineage === undefined && beside === undefined;
  const found = await (isOwn ? findOnce(context, name, find) : find());
  needGroups(`recipe '${found.name}', which is a folder,`);
  const { recipe, settled, input } = await settleRecipe(found, {
    ...settlingFor(context, request, lineage),
    input: { given: request.input },
    search,
  });
  await checkRunnable(recipe, lineage?.variables ?? context.env);
  if (lineage?.whole === false && recipe.runtime.inheritEnv) throw notWhole(recipe.name);
  const payloads: Payloads = {
    input: serialize(await prepareInput(recipe, input), 'input'),
    config: serialize(prepareConfig(recipe, request.config), 'config'),
  };
  const { requires, runtime } = recipe;
  const { digest } = recipe;
  const source = { ...sourceOf(recipe), ...(settled === undefined ? {} : { settled }) };
  const spec = { ...specOf(context, request, ofRecipe(recipe), runtime), digest, source };
  return {
    spec,
    payloads,
    needs: requires.env.map(({ name }) => name),
    maxConcurrent: runtime.maxConcurrent ?? null,
    code: null,
    told: runtime,
  };
}

/** Where recipes lie is this process' business; what their settings name is the submitter's. */
function searchOf(context: VerbContext, { lineage, beside }: Origin): RecipeSearch {
  const search = context.search(beside);
  const { OFFSTAGE_RECIPE_PATH } = context.env;
  return lineage === undefined ? search : { ...search, env: { ...lineage.variables, OFFSTAGE_RECIPE_PATH } };
}

/** What a task was not given it cannot hand on. */
const notWhole = (recipe: string): RecipeDependencyError =>
  new RecipeDependencyError(recipe, ['env * (runtime.env: inherit), which the task that submits was not given either']);

/** Its input is given as it is; it is checked as the recipe will get it, which is out of JSON. */
function fromCode(context: VerbContext, request: SubmitRequest, recipe: Recipe): Made | Promise<Made> {
  refuseOfAgents(request, `recipe '${recipe.name}', which is code`);
  const { input, config } = request;
  if (config !== undefined && (typeof config !== 'object' || config === null || Array.isArray(config))) {
    throw invalid('config', config, 'an object');
  }
  const given = input === undefined ? undefined : serialize(input, 'input');
  const made = (): Made => codeTask(context, request, recipe, given);
  if (recipe.input === undefined) return made();
  return checked(recipe.input, 'input', recipe.name, given === undefined ? undefined : JSON.parse(given)).then(made);
}

function codeTask(context: VerbContext, request: SubmitRequest, recipe: Recipe, input: string | undefined): Made {
  const { config } = request;
  const payloads: Payloads = {};
  if (input !== undefined) payloads.input = input;
  if (config !== undefined) payloads.config = serialize(config, 'config');
  const { onCodeChange } = recipe;
  const settings = onCodeChange === undefined ? {} : { onCodeChange };
  const spec = specOf(context, request, ofRecipe(recipe), settings);
  return { spec, payloads, needs: [], maxConcurrent: null, code: recipe.name };
}

/** Its program is looked for now, by the `PATH` that it will have. */
async function fromCommand(context: VerbContext, request: SubmitRequest, given: readonly string[]): Promise<Made> {
  const { checkedCommand, checkProgram, commandFolder, nameOfCommand, sourceOfCommand } = await loadFolders();
  const command = checkedCommand(given);
  const { input, config, cwd } = request;
  if (config !== undefined) throw invalid('config', config, 'none beside a command, which has arguments and an input');
  const folder = commandFolder(cwd, context.cwd);
  needGroups('a command');
  refuseOfAgents(request, 'a command');
  checkProgram(command, folder, context.env);
  const subject = { name: nameOfCommand(command), recipe: '' };
  return {
    spec: { ...specOf(context, request, subject, ENDLESS), source: sourceOfCommand(command, folder) },
    payloads: input === undefined ? {} : { input: serialize(input, 'input') },
    needs: [],
    maxConcurrent: null,
    code: null,
  };
}

/** By an agent that the configuration names, by a recipe that is one, or by one without tools. */
async function fromPrompt(context: VerbContext, request: SubmitRequest, origin: Origin): Promise<Made> {
  const { checkedPrompt, inputOfPrompt, promptAgent, sourceOfPrompt } = await loadFolders();
  for (const option of ['recipe', 'command', 'cwd', 'input', 'config'] as const) {
    if (request[option] !== undefined) throw invalid(option, request[option], 'none beside a prompt');
  }
  const input = inputOfPrompt(checkedPrompt(request.prompt));
  const agent = promptAgent(request.agent, context.config.agents ?? {});
  if (typeof agent === 'string') {
    const known = context.recipes.get(agent);
    const whole = { ...request, input };
    return known === undefined
      ? withTalk(request, await fromFolder(context, whole, agent, origin))
      : fromCode(context, whole, known);
  }
  needGroups('a prompt');
  const source = sourceOfPrompt(agent, settlingFor(context, request, origin.lineage));
  return withTalk(request, {
    spec: { ...specOf(context, request, { name: agent.name, recipe: agent.name }, {}), source },
    payloads: { input: serialize(input, 'input') },
    needs: source.needs,
    maxConcurrent: null,
    code: null,
  });
}

function metadataJson(metadata: unknown): string {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    throw invalid('metadata', metadata, 'an object');
  }
  return serialize(metadata, 'metadata', LIMITS.metadata);
}
