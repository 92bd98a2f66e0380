/** The verbs over a store, and the TypeScript client made of them. */

export type { Because } from './because.ts';
export {
  type Client,
  type CodeTask,
  type CommandTask,
  makeClient,
  type NamedTask,
  type OpenOptions,
  openBackground,
  type Recovery,
  type TaskList,
  type TaskOptions,
  type TaskSpec,
} from './client.ts';
export { type BackgroundTaskHandle, type HandleWaitOptions, makeHandle, outcome } from './client-handle.ts';
export type { Examination, Promised, Refusal } from './doctor.ts';
export { openVerbs } from './open.ts';
export { openRecipes, type RecipeCheck, type Recipes, validate } from './recipes.ts';
export type { Service, Services } from './service/service.ts';
export type { ServiceKind } from './service/units.ts';
export type { Setting, Settings } from './settings.ts';
export type { Help, Trouble } from './troubles.ts';
export type { ClientOptions, WorkerMode } from './verb-context.ts';
export { requestOf } from './verbs/request.ts';
export type { SubmitRequest, Verbs } from './verbs.ts';
