/** Recipes as a client of a store finds them. */

import { isTaskError } from '../errors/index.ts';
import type { RecipeProblem, RecipeValidationError } from '../errors/recipe.ts';
import { checkNeeds, findRecipe, listRecipes, type RecipeFolder, settleRecipe } from '../recipe/index.ts';
import type { AgentOptions } from '../wire/requests.ts';
import type { InitKind } from './init-recipe.ts';
import { type ClientOptions, VerbContext } from './verb-context.ts';
import { settlingFor } from './verbs/of-agents.ts';

/** What a look at a recipe found. */
export interface RecipeCheck {
  /** Whether its files are right and what it needs is here. Who may run it is no part of that: see `denied`. */
  valid: boolean;
  /** What is wrong with its files. */
  errors: readonly RecipeProblem[];
  /** What it needs and is missing here: `env NAME`, `package NAME`, `external NAME`. */
  missing: readonly string[];
  /** Tools of its agents that are denied here: a submit has to allow them, or is refused. */
  denied: readonly string[];
}

/** A recipe that was checked. */
export interface CheckedRecipe {
  recipe: RecipeFolder;
  denied: readonly string[];
}

/** The recipes that can be run from here. */
export interface Recipes {
  list(): ReturnType<typeof listRecipes>;
  /** `RecipeNotFoundError` when there is none of that name. */
  get(name: string): Promise<RecipeFolder>;
  /**
   * Reads the recipe and looks for what it needs; its code is not loaded. Throws what a submit would throw, but for what only
   * a policy refuses: denied tools, and `runtime.background.enabled: false`.
   */
  check(name: string): Promise<CheckedRecipe>;
  /**
   * What a submit would settle of it, for people: of agents their inputs, models, steps and tools. Undefined for a kind that
   * has nothing to settle. With `input` it throws what a submit would throw; without, what is missing is no error.
   */
  plan(name: string, asked?: AgentOptions & { input?: unknown }): Promise<Record<string, unknown> | undefined>;
  /** Makes the folder of a new recipe, by its name where it is found then, or by a path. Answers with the folder. */
  init(nameOrPath: string, kind?: InitKind): Promise<string>;
}

/** Opens no store and makes no file but those of `init`. */
export async function openRecipes(options: ClientOptions = {}): Promise<Recipes> {
  const context = await VerbContext.open(options);
  const get = (name: string) => findRecipe(name, context.search());
  return {
    list: () => listRecipes(context.search()),
    get,
    async check(name) {
      const recipe = await get(name);
      const settling = { ...settlingFor(context, {}), search: context.search(), checks: true as const };
      const settled = await settleRecipe(recipe, settling);
      await checkNeeds(settled.recipe, context.env);
      return { recipe, denied: settled.denied };
    },
    async plan(name, asked = {}) {
      const how = 'input' in asked ? { input: { given: asked.input } } : { looks: true as const };
      const settling = { ...settlingFor(context, asked), ...how, search: context.search() };
      return (await settleRecipe(await get(name), settling)).plan;
    },
    init: async (nameOrPath, kind) => (await import('./init-recipe.ts')).initRecipe(context.search(), nameOrPath, kind),
  };
}

/** Whether a recipe is right and has what it needs here, and what is wrong otherwise. Errors that say neither are thrown. */
export async function validate(recipes: Recipes, name: string): Promise<RecipeCheck> {
  try {
    const { denied } = await recipes.check(name);
    return { valid: true, errors: [], missing: [], denied };
  } catch (error) {
    if (!isTaskError(error)) throw error;
    if (error.code === 'recipe_invalid') {
      return { valid: false, errors: (error as RecipeValidationError).errors, missing: [], denied: [] };
    }
    if (error.code !== 'missing_dependency') throw error;
    const { missing } = error as unknown as { missing: readonly string[] };
    return { valid: false, errors: [], missing, denied: [] };
  }
}
