/** offstage: background work for AI agents and apps. Importing it opens no file, starts no timer, loads no wasm. */
export { type CodeRunOptions, type RecipeApi, type RunOptions, recipe } from './api.ts';
export {
  type BackgroundTaskHandle,
  type Client,
  type CodeTask,
  type HandleWaitOptions,
  type NamedTask,
  openBackground,
  type RecipeCheck,
  type Recovery,
  type TaskList,
  type TaskOptions,
  type TaskSpec,
} from './client/index.ts';
export type {
  AppWorkOptions,
  ClearFilter,
  Duration,
  ListFilter,
  RecoverOptions,
  Summary,
  Worker,
} from './client/verbs.ts';
export * from './errors/index.ts';
export {
  type ChildTaskOptions,
  type ChildTaskSpec,
  type CommandFolder,
  defineRecipe,
  type ModuleFolder,
  type Recipe,
  type RecipeContext,
  type RecipeFolder,
  type SubmitChildTask,
} from './recipe/index.ts';
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
