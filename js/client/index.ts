/** The verbs over a store, and the TypeScript client made of them. */
export { type Client, makeClient, openBackground, requestOf, type TaskList, type TaskSpec } from './client.ts';
export type { Config } from './config.ts';
export type { ClientOptions } from './context.ts';
export { type BackgroundTaskHandle, type HandleWaitOptions, makeHandle, outcome } from './handle.ts';
export { openVerbs } from './open.ts';
export { openRecipes, type Recipes } from './recipes.ts';
export type * from './verbs.ts';
