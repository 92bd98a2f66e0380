/** Functions in the background of one process. */
export type { Agent, FrameworkAgent, SubmitAgentOptions } from './agent.ts';
export type { ChildOptions } from './children.ts';
export type { RunnerClearFilter, StopOptions } from './end.ts';
export type { AgentMessage, AgentPrompt, OpenAIAgentsRun } from './frameworks/index.ts';
export { BackgroundJobManager, type JobManagerOptions, JobStatus } from './jobs.ts';
export type { RunnerListFilter, RunnerSummary, RunnerTaskList } from './list.ts';
export type { BackgroundConfig, RunnerOptions } from './options.ts';
export type { RecipeArguments, RecipeOptions, RunnableRecipe } from './recipe.ts';
export type { InputAnswer, InputQuestion } from './requests.ts';
export type { RunOrBackground, Yield } from './run-or-background.ts';
export { BackgroundRunner } from './runner.ts';
export type { RunnerTaskHandle } from './runner-handle.ts';
export type { ArgsOptions, Backoff, InputOptions, ResultOf, SubmitOptions } from './spec.ts';
export type { Submission } from './submit-many.ts';
export type { TaskContext } from './task-context.ts';
export type { ThreadOptions } from './thread.ts';
