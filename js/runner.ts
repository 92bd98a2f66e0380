/**
 * offstage/runner: background work in one process, without a store. In Node, and with no import of Node's in browsers.
 * Importing it starts no timer and loads no wasm.
 */
export {
  ConflictError,
  InvalidArgumentError,
  isTaskError,
  MissingDependencyError,
  NonRetryableError,
  QueueFullError,
  RecipeError,
  RecipePolicyError,
  type RecipeProblem,
  RecipeValidationError,
  SerializationError,
  TaskCancelledError,
  TaskError,
  type TaskErrorOptions,
  TaskFailedError,
  TaskNotFoundError,
  WaitTimeoutError,
} from './errors/index.ts';
export type { Recipe, RecipeContext } from './ports/recipe.ts';
export { defineRecipe } from './recipe/define.ts';
export {
  type Agent,
  type AgentMessage,
  type AgentPrompt,
  type ArgsOptions,
  type BackgroundConfig,
  BackgroundJobManager,
  BackgroundRunner,
  type Backoff,
  type ChildOptions,
  type FrameworkAgent,
  type InputAnswer,
  type InputOptions,
  type InputQuestion,
  type JobManagerOptions,
  JobStatus,
  type OpenAIAgentsRun,
  type RecipeOptions,
  type ResultOf,
  type RunnableRecipe,
  type RunnerClearFilter,
  type RunnerListFilter,
  type RunnerOptions,
  type RunnerSummary,
  type RunnerTaskHandle,
  type RunnerTaskList,
  type RunOrBackground,
  type StopOptions,
  type Submission,
  type SubmitAgentOptions,
  type SubmitOptions,
  type TaskContext,
  type ThreadOptions,
  type Yield,
} from './runner/index.ts';
export type { EventKind, EventOptions, TaskEvent } from './wire/event.ts';
export type { EventData } from './wire/event-data.ts';
export {
  type InputRequest,
  OnCodeChange,
  type OnConflict,
  type OnLost,
  type Task,
  type TaskAttention,
  type TaskErrorJson,
  type TaskJson,
  TaskStatus,
} from './wire/task.ts';
export type { BackgroundTaskHandle, Duration, HandleWaitOptions } from './wire/task-handle.ts';
export type { ModelUsage, Usage, UsageFact } from './wire/usage.ts';
