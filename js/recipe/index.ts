export type {
  ChildTaskOptions,
  ChildTaskSpec,
  Recipe,
  RecipeContext,
  RunOfVersion,
  SubmitChildTask,
} from '../ports/recipe.ts';
export {
  checkedCommand,
  checkProgram,
  commandFolder,
  nameOfCommand,
  sourceOfCommand,
} from './ad-hoc.ts';
export { defineRecipe } from './define.ts';
export { findRecipe, listRecipes, type RecipeList, roughNames } from './find.ts';
export { prepareConfig, prepareInput } from './input.ts';
export { loadReading } from './load.ts';
export { checkedPrompt, inputOfPrompt, promptAgent, sourceOfPrompt } from './prompt.ts';
export { checkNeeds, checkRunnable } from './runnable.ts';
export { type SettledRecipe, type Settling, settleRecipe } from './settle.ts';
export { type CodeFacts, codeOf, containedSource, holdsRecipe, sourceOf, withoutProgram } from './source.ts';
export type {
  RecipeFolder,
  RecipeSearch,
  RecipeSource,
} from './types.ts';
