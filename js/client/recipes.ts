/** Recipes as a client of a store finds them. */
import { findRecipe, listRecipes, type RecipeFolder } from '../recipe/index.ts';
import { type ClientOptions, Context } from './context.ts';

/** The recipes that can be run from here. */
export interface Recipes {
  list(): ReturnType<typeof listRecipes>;
  /** `RecipeNotFoundError` when there is none of that name. */
  get(name: string): Promise<RecipeFolder>;
}

/** Opens no store and makes no file. */
export async function openRecipes(options: ClientOptions = {}): Promise<Recipes> {
  const context = await Context.open(options);
  return { list: () => listRecipes(context.search()), get: (name) => findRecipe(name, context.search()) };
}
