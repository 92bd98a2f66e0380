/** A recipe in code, and what its function is given beside its input: each is said in words of the other. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { TaskTrace } from '../wire/carried.ts';
import type { AbortSignal } from '../wire/globals.ts';
import type { OrJson } from '../wire/jsonify.ts';
import type { NOTE, Note, USED } from '../wire/note.ts';
import type { InputAnswer, InputQuestion } from '../wire/question.ts';
import type { SubmitOptions } from '../wire/submit-options.ts';
import type { OnCodeChange } from '../wire/task.ts';
import type { BackgroundTaskHandle } from '../wire/task-handle.ts';
import type { StoredUsage, UsageFact } from '../wire/usage.ts';

/**
 * A recipe in code: the default export of a recipe folder's module, or what a `BackgroundRunner` is given. `I` is what its
 * input is given as, `O` what it results in; both are known to the compiler only. They reach the handle of a runner's
 * `submit`; a submit to a store names the folder, so they do not reach that one.
 */
export interface Recipe<I = unknown, O = unknown> {
  /** `[a-z0-9][a-z0-9._-]{0,63}`, without `..`. */
  readonly name: string;
  /** For people. */
  readonly description?: string;
  /** Default `"1"`. Of a recipe in code; that of a folder stands in its `TEMPLATE.yaml`. */
  readonly version: string;
  /** What becomes of a task whose code is of another version when it starts. Default: see `defineRecipe`. */
  readonly onCodeChange?: OnCodeChange;
  /** What tasks of other versions run, by their version. */
  readonly versions?: Readonly<Record<string, RunOfVersion>>;
  /** Checks and turns the input before `run`. */
  readonly input?: StandardSchemaV1;
  /** Checks and turns the result after `run`. */
  readonly output?: StandardSchemaV1;
  /** The work itself; what it returns is the result, what it throws fails the attempt. */
  run(input: unknown, ctx: RecipeContext): unknown;
  /** Never set: carries the types. */
  readonly types?: { readonly input: I; readonly output: O };
}

/** Runs a task of an older version: with its input as it was submitted, since the schemas are those of today. */
export type RunOfVersion = (input: never, ctx: RecipeContext<never>) => unknown;

/**
 * What a recipe's function is given beside its input. It may be taken apart: `({ signal, progress }) => …`.
 *
 * Once the run is over nothing more is taken: facts are dropped, and `step`, `requestInput`, `submit` and the handles that
 * it made reject with `ConflictError`. Once it was told to end they reject with `signal.reason`.
 *
 * The end of a run waits for what it has asked for and not awaited, but not for people and for the ends of children. Such a
 * call that fails is logged; it is no unhandled rejection.
 */
export interface RecipeContext<Input = unknown> {
  /** `task_` and 32 hex digits. */
  readonly taskId: string;
  /** What the submit called it; default: the recipe's name. */
  readonly name: string;
  /** The session that the task was submitted with; null in a runner where none was given. */
  readonly sessionId: string | null;
  /** The task's own isolated session, `bg:` and the task's id. */
  readonly taskSessionId: string;
  /** Of the code that this run is of: the recipe's, or that of the one of its `versions` that runs. */
  readonly version: string;
  /** From 1. */
  readonly attempt: number;
  /**
   * The span of this attempt where hooks of its worker made one, else the one that submitted the task; absent without. Commands
   * and modules have it as `TRACEPARENT` and `TRACESTATE` in their environment, too.
   */
  readonly trace?: TaskTrace;
  /** As it was submitted, over the recipe's `defaults`; as its schema returned it where there is one. */
  readonly input: Input;
  /** The recipe's `config`, overridden key by key by the submit's. */
  readonly config: Record<string, unknown>;
  /** Aborted by a cancel (reason: `TaskCancelledError`) and by a timeout (reason: an error named `TimeoutError`). */
  readonly signal: AbortSignal;
  /**
   * Says how far the work is; the fraction is clamped to 0..1. `data`: what programs are to know, up to 16 KiB of JSON, in
   * place of what was told before in this attempt. What is left out stays, but for the message of another fraction.
   * Frequent calls are merged, the last one is always stored.
   */
  progress(fraction?: number, message?: string, data?: unknown): void;
  /**
   * Adds to what the task has used of models, over all attempts. What is not known is left out; a cost that is not known of
   * one call is not known of the task. `InvalidArgumentError` for what is no count.
   */
  usage(used: UsageFact): void;
  /** @internal What our own agents tell beside that. */
  readonly [NOTE]?: (note: Note) => void;
  /** @internal What the task had used of models before this run. */
  readonly [USED]?: StoredUsage | undefined;
  /**
   * Adds a `log` event, cut to 64 KiB. Of lines that come faster than they can be stored, beyond 9,000 that wait, the oldest
   * are left out, and a line in their place says how many.
   */
  log(line: string): void;
  /**
   * Puts out a value that JSON can carry, as an `output` event; `SerializationError` for any other, and over 64 KiB. Texts
   * put out one after the other become one event, their concatenation, of 4 KiB at most. Of a flood the oldest are left out
   * as those of `log` are.
   */
  output(chunk: unknown): void;
  /**
   * Runs `fn` once in the life of the task: its result is stored before it is returned, and a further attempt gets it
   * from there. What is returned is what JSON makes of the result, in the first attempt too: a `Date` is a text,
   * `undefined` is `null`. Two calls of one key in one run share one run of `fn`.
   *
   * An error is not stored, the next attempt runs `fn` again; so it does when the process dies before the result is
   * stored. Give `idempotencyKey(key)` to services that take one. `key`: 1 to 200 characters.
   *
   * Rejects with what `fn` threw, and with `SerializationError` when JSON cannot carry the result or it is over 16 MiB.
   */
  step<T>(key: string, fn: () => T | PromiseLike<T>): Promise<OrJson<T>>;
  /** A key that is the same in every attempt of this task and in no other task: `<taskId>:<key>`. */
  idempotencyKey(key: string): string;
  /**
   * Asks a person. Until there is an answer the task is `input_required`: its slot is free and its timeout stands still.
   * Then the task goes on before others of its priority. A key that was asked before is the same request: with an answer,
   * it is answered at once. Should the process be gone by then, a new run begins from the top and gets the answer here.
   *
   * An answer `cancel` cancels the task; `expires` (seconds or a text such as `"2h"`, default: for ever) fails it with
   * `input_expired`, and it is not retried.
   */
  requestInput(question: InputQuestion): Promise<InputAnswer>;
  /**
   * Submits a child, acknowledged when durable: `await ctx.submit('name', { input })`. It is cancelled with this task and
   * lives on when this task has completed. While this task awaits the child, its slot is lent. With a `key` a further
   * attempt of this task goes on with the same child, unless that failed or was cancelled; children without a key are
   * cancelled before it.
   *
   * Takes a recipe in code too: it runs in the process that defined it. In a `BackgroundRunner`, `submit` takes functions
   * and recipes in code but no names, and what it returns is the handle itself: `await` fits both.
   *
   * Rejects with what a submit rejects with: `RecipeNotFoundError`, `RecipeValidationError`, `ConflictError`…
   */
  readonly submit: SubmitChildTask;
}

/** How a child is run. Durations are seconds, or texts such as `"30m"`. */
export interface ChildTaskOptions<I = unknown>
  extends Omit<SubmitOptions, 'input' | 'signal' | 'onComplete' | 'onProgress'> {
  /** As of any submit. */
  input?: I | undefined;
  /** 1 to 200 characters; not beside an `idempotencyKey`. */
  key?: string | undefined;
}

/** A child: what is run, and how. */
export interface ChildTaskSpec<I = unknown, O = unknown> extends ChildTaskOptions<I> {
  /** A recipe's name, a path that is absolute or begins with `./`, or a recipe in code. */
  recipe: string | Recipe<I, O>;
}

/** The ways to submit a child. */
export interface SubmitChildTask {
  <I, O>(recipe: Recipe<I, O>, ...options: ChildArguments<I>): Promise<BackgroundTaskHandle<OrJson<O>>>;
  <O = unknown>(recipe: string, options?: ChildTaskOptions): Promise<BackgroundTaskHandle<O>>;
  <I = unknown, O = unknown>(spec: ChildTaskSpec<I, O>): Promise<BackgroundTaskHandle<OrJson<O>>>;
}

/** The options of a recipe in code: its input may be left out only if that may be undefined. */
type ChildArguments<I> = undefined extends I
  ? [options?: ChildTaskOptions<I>]
  : [options: ChildTaskOptions<I> & { input: I }];
