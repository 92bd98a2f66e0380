import { InvalidArgumentError } from './argument.ts';
import { TaskError } from './base.ts';
import { RecipeError, TaskCancelledError, TaskFailedError, WaitTimeoutError } from './outcome.ts';
import {
  RecipeDependencyError,
  RecipeNotFoundError,
  RecipePolicyError,
  type RecipeProblem,
  RecipeValidationError,
} from './recipe.ts';
import {
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

/** An error as it crosses a boundary: from Rust, from the store thread, from another process. */
export interface ErrorData {
  code: string;
  message: string;
  name?: string;
  task_id?: string;
  details?: unknown;
}

// biome-ignore lint/complexity/noBannedTypes: classes with constructors of every kind
type Class = { readonly prototype: TaskError } & Function;

const FAILED: Record<string, Class> = { TaskFailedError, RecipeError };

/** The classes of each code by the names of their errors; the first one is what the code alone means. */
const CLASSES: Readonly<Record<string, Readonly<Record<string, Class>>>> = {
  failed: { ...FAILED, NonRetryableError },
  timeout: FAILED,
  lost: FAILED,
  expired: FAILED,
  input_expired: FAILED,
  unserializable: { SerializationError, ...FAILED },
  budget_exceeded: FAILED,
  cancelled: { TaskCancelledError },
  wait_timeout: { TimeoutError: WaitTimeoutError },
  task_not_found: { TaskNotFoundError },
  not_found: { ScheduleNotFoundError },
  queue_full: { QueueFullError },
  conflict: { ConflictError },
  invalid_argument: { InvalidArgumentError },
  store: { StoreError },
  feed_reset: { FeedResetError },
  codec: { CodecError },
  recipe_not_found: { RecipeNotFoundError },
  recipe_invalid: { RecipeValidationError },
  missing_dependency: { RecipeDependencyError, MissingDependencyError, ProgramNotFoundError },
  policy_denied: { RecipePolicyError },
};

/**
 * The error that `toJSON` was called of, but for its `cause` and stack. The code decides on its class, and where several
 * have that code the name; the message never does. A code, or a name, that is not known is a plain `TaskError`'s.
 */
export function errorFrom(data: ErrorData): TaskError {
  const classes = Object.hasOwn(CLASSES, data.code) ? CLASSES[data.code] : undefined;
  if (classes === undefined || data.name === 'TaskError') return restored(TaskError, 'TaskError', data);
  const name = data.name !== undefined && Object.hasOwn(classes, data.name) ? data.name : Object.keys(classes)[0];
  return restored(classes[name as string] as Class, name as string, data);
}

/** Made without the class' own constructor: that makes a message out of what is told no more. */
function restored(of: Class, name: string, { code, message, task_id, details }: ErrorData): TaskError {
  const error: TaskError = Reflect.construct(TaskError, [code, message, { taskId: task_id, details }], of);
  Error.captureStackTrace?.(error, errorFrom); // V8 leaves out all calls before that of the class, and there is none
  return Object.assign(error, { name }, fieldsOf(of, details));
}

/** What else such an error has: it stands in the details, too. */
function fieldsOf(of: Class, details: unknown): object {
  const { errors, missing } = (details ?? {}) as { errors?: readonly RecipeProblem[]; missing?: readonly string[] };
  if (of === FeedResetError) return resetOf(details);
  if (of === NonRetryableError) return { retryable: false };
  if (of === RecipeValidationError) return { errors: errors ?? [], retryable: isOfOutput(errors ?? []) };
  return Object.values(CLASSES.missing_dependency ?? {}).includes(of) ? { missing: missing ?? [] } : {};
}

const resetOf = (details: unknown): object => {
  const { reset, next } = (details ?? {}) as { reset?: string; next?: string };
  return { reset: reset ?? 'store_replaced', next: next ?? 'start' };
};

/** Only another run can return other output. */
const isOfOutput = (errors: readonly RecipeProblem[]): boolean =>
  errors.length > 0 && errors.every(({ path }) => /^output\b/.test(path));
