export type { ChildTaskOptions, ChildTaskSpec, RecipeContext, SubmitChildTask } from './context.ts';
export { defineRecipe, type Recipe } from './define.ts';
export { findRecipe, listRecipes, type RecipeList, roughNames } from './find.ts';
export { prepareConfig, prepareInput } from './input.ts';
export { loadReading } from './load.ts';
export { type LoadedRecipe, loadRecipe, runRecipe } from './run.ts';
export { checkRunnable } from './runnable.ts';
export { containedSource, holdsRecipe, sourceOf } from './source.ts';
export type {
  CommandFolder,
  ModuleFolder,
  RecipeFolder,
  RecipeProgram,
  RecipeRequirements,
  RecipeRuntime,
  RecipeSearch,
  RecipeSource,
} from './types.ts';
