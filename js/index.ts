/** offstage: background work for AI agents and apps. Importing it opens no file, starts no timer, loads no wasm. */

export { defineAgent } from './agent/define-agent.ts';
export type { AgentDefinition, FrameworkDefinition } from './agent/definition.ts';
export { type CodeRunOptions, openBackground, type RecipeApi, type RunOptions, recipe } from './api.ts';
export {
  type BackgroundTool,
  type BackgroundTools,
  type BackgroundToolsOptions,
  backgroundTools,
} from './client/background-tools.ts';
export type {
  BackgroundTaskHandle,
  Client,
  CodeTask,
  CommandTask,
  HandleWaitOptions,
  NamedTask,
  OpenOptions,
  RecipeCheck,
  Recovery,
  TaskList,
  TaskOptions,
  TaskSpec,
  WorkerMode,
} from './client/index.ts';
export { ScheduleLoop, type ScheduleLoopOptions } from './client/schedule/loop.ts';
export type { CodeRequest, NewScheduleOptions, ScheduleChanges, Schedules } from './client/schedule/schedules.ts';
export type { ToolName, ToolSchema } from './client/tool-forms.ts';
export {
  CodecError,
  ConflictError,
  FeedResetError,
  InvalidArgumentError,
  isTaskError,
  MissingDependencyError,
  NonRetryableError,
  ProgramNotFoundError,
  QueueFullError,
  RecipeDependencyError,
  RecipeError,
  RecipeNotFoundError,
  RecipePolicyError,
  type RecipeProblem,
  RecipeValidationError,
  ScheduleNotFoundError,
  SerializationError,
  StoreError,
  TaskCancelledError,
  TaskError,
  type TaskErrorOptions,
  TaskFailedError,
  TaskNotFoundError,
  WaitTimeoutError,
} from './errors/index.ts';
export type { Codec } from './ports/codec.ts';
export type {
  AttemptEvent,
  AttemptFacts,
  AttemptGiven,
  AttemptOutcome,
  HookEvents,
  HookLook,
  Hooks,
  StoredSubmit,
  Submitting,
} from './ports/hooks.ts';
export type { Recipe } from './ports/recipe.ts';
export type { SubmitRequest, WakeRequest } from './ports/verbs.ts';
export type { AppWorkOptions, Worker } from './ports/worker.ts';
export type { AgentsFolder } from './program/agents/reading-agents.ts';
export type { CommandFolder } from './program/command/reading-command.ts';
export type { ModuleFolder } from './program/module/reading-module.ts';
export { defineRecipe } from './recipe/define.ts';
export type {
  ChildTaskOptions,
  ChildTaskSpec,
  RecipeContext,
  RecipeFolder,
  SubmitChildTask,
} from './recipe/index.ts';
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
export type { Summary } from './wire/answers.ts';
export type { Budget } from './wire/budget.ts';
export type { TaskTrace } from './wire/carried.ts';
export type { Answer, EventKind, EventOptions, TaskEvent } from './wire/event.ts';
export type { EventData } from './wire/event-data.ts';
export type {
  ClearedEvent,
  ConsumeContext,
  ConsumeOptions,
  Consuming,
  Cursor,
  FeedEvent,
  FeedFilter,
  FeedHandler,
  FeedKind,
  FeedOptions,
  FeedQuery,
} from './wire/feed.ts';
export type { Jsonify } from './wire/jsonify.ts';
export type { OutputOptions, OutputStream } from './wire/output-stream.ts';
export type {
  ClearFilter,
  ListFilter,
  RecoverOptions,
  RetryOptions,
  SubmitOnce,
  UpdateChange,
  WaitManyOptions,
} from './wire/requests.ts';
export type {
  NextOptions,
  ResumeOptions,
  Schedule,
  ScheduleAttention,
  ScheduleCatchUp,
  ScheduledRequest,
  ScheduleJob,
  ScheduleKind,
  ScheduleOverlap,
  ScheduleRequest,
  ScheduleSettings,
  ScheduleState,
  ScheduleUpdate,
} from './wire/schedule.ts';
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
export type { Duration } from './wire/task-handle.ts';
export {
  toUIMessageStream,
  toUIMessageStreamResponse,
  type UIMessageOptions,
  type UIMessagePart,
} from './wire/ui-message-stream.ts';
export type { ModelUsage, Usage, UsageFact } from './wire/usage.ts';
