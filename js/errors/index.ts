export { InvalidArgumentError, invalid } from './argument.ts';
export { isTaskError, TaskError, type TaskErrorOptions } from './base.ts';
export { type ErrorData, errorFrom } from './from.ts';
export {
  failedError,
  RecipeError,
  TaskCancelledError,
  type TaskErrorJson,
  TaskFailedError,
  WaitTimeoutError,
} from './outcome.ts';
export {
  RecipeDependencyError,
  RecipeNotFoundError,
  RecipePolicyError,
  type RecipeProblem,
  RecipeValidationError,
} from './recipe.ts';
export {
  CodecError,
  ConflictError,
  FeedResetError,
  MissingDependencyError,
  NonRetryableError,
  ProgramNotFoundError,
  QueueFullError,
  ScheduleNotFoundError,
  SerializationError,
  StoreError,
  TaskNotFoundError,
} from './refusal.ts';
