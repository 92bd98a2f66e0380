/** Recipes in code, as a client knows them. */
import { invalid } from '../errors/index.ts';
import type { Recipe } from '../ports/recipe.ts';
import type { VerbContext } from './verb-context.ts';

/** Remembers a recipe in code under its name. */
export function knowRecipe(context: VerbContext, recipe: Recipe): void {
  if (!isRecipe(recipe)) throw invalid('recipe', recipe, 'a name, a path, or what defineRecipe returns');
  const known = context.recipes.get(recipe.name);
  if (known !== undefined && known !== recipe) {
    throw invalid('recipe', recipe.name, 'one recipe of a name in a client; it has another one of this name');
  }
  context.recipes.set(recipe.name, recipe);
}

function isRecipe(value: unknown): value is Recipe {
  if (typeof value !== 'object' || value === null) return false;
  const { name, run } = value as Partial<Recipe>;
  return typeof name === 'string' && typeof run === 'function';
}
