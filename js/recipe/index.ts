export { containedEntry } from './contain.ts';
export { defineRecipe, type Recipe } from './define.ts';
export { findRecipe, listRecipes, type RecipeList } from './find.ts';
export { prepareConfig, prepareInput } from './input.ts';
export { type LoadedRecipe, loadRecipe, runRecipe } from './run.ts';
export { checkRunnable } from './runnable.ts';
export type { RecipeContext, RecipeFolder, RecipeRequirements, RecipeRuntime, RecipeSearch } from './types.ts';
