/** offstage: background work for AI agents and apps. Importing it opens no file, starts no timer, loads no wasm. */
export { type RecipeApi, type RunOptions, recipe } from './api.ts';
export {
  type BackgroundTaskHandle,
  type Client,
  type HandleWaitOptions,
  openBackground,
  type TaskList,
  type TaskSpec,
} from './client/index.ts';
export type { ClearFilter, Duration, ListFilter, Summary } from './client/verbs.ts';
export * from './errors/index.ts';
export { defineRecipe, type Recipe, type RecipeContext, type RecipeFolder } from './recipe/index.ts';
export {
  type Agent,
  type ArgsOptions,
  BackgroundJobManager,
  BackgroundRunner,
  type ChildOptions,
  type InputAnswer,
  type InputOptions,
  type InputQuestion,
  type JobManagerOptions,
  type OnConflict,
  type RecipeOptions,
  type ResultOf,
  type RunnableRecipe,
  type RunnerOptions,
  type RunnerSummary,
  type RunnerTaskHandle,
  type RunOrBackground,
  type Submission,
  type SubmitOptions,
  type TaskContext,
  type ThreadOptions,
} from './runner/index.ts';
export type { Answer, EventKind, EventOptions, TaskEvent } from './wire/event.ts';
export type { InputRequest, OnLost, Task, TaskAttention, TaskErrorJson, TaskJson, TaskStatus } from './wire/task.ts';
