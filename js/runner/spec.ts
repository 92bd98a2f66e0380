/** From what a user asks of one task to what the engine is told. */
import { priorityOf, seconds, timeoutMs } from '../core/options.ts';
import { seconds as parse } from '../core/runner.ts';
import { ConflictError, InvalidArgumentError, invalid } from '../errors/index.ts';
import { checkObject, checkWhole } from '../wire/check.ts';
import { LIMITS, serialize } from '../wire/serialize.ts';
import { type SubmitOptions, TASK_KEYS } from '../wire/submit-options.ts';
import type { Duration } from '../wire/task-handle.ts';
import type { Extra } from './entry.ts';

export { checkKeys, checkObject } from '../wire/check.ts';
export type { ResultOf } from '../wire/collect.ts';
export type { Backoff, SubmitOptions } from '../wire/submit-options.ts';

/** With arguments, which the function gets instead of a context. */
export interface ArgsOptions<A extends readonly unknown[]> extends SubmitOptions {
  /** What the function is called with, by reference. */
  args: A;
}

/** With an input, which the function gets as `ctx.input`. */
export interface InputOptions<I> extends SubmitOptions {
  /** The function gets it as `ctx.input`, by reference. */
  input: I;
}

/** Every option of a submit but `args`. */
export const SUBMIT_KEYS: Record<keyof SubmitOptions, true> = {
  ...TASK_KEYS,
  timeoutSec: true,
  signal: true,
  onComplete: true,
  onProgress: true,
};

/** The same, where a function may get arguments in place of a context. */
export const ARGS_KEYS: Record<keyof ArgsOptions<[]>, true> = { ...SUBMIT_KEYS, args: true };

/** What stands for an endless time in milliseconds, where the engine wants a number: a hundred years. */
const ENDLESS = 3_155_760_000_000;

export type AnyOptions = SubmitOptions & { args?: readonly unknown[] };

/** Milliseconds of a time that may be endless. */
export function spanMs(value: Duration, option: string): number {
  return value === Number.POSITIVE_INFINITY ? ENDLESS : seconds(value, option, parse) * 1000;
}

/** One option under two names, or its default. `InvalidArgumentError` when they differ. */
export function either<T>(options: object, first: string, second: string, byDefault: T): T {
  const { [first]: one, [second]: other } = options as Record<string, T | undefined>;
  if (one !== undefined && other !== undefined && one !== other) {
    throw new InvalidArgumentError(
      `${first} and ${second} are the same option: got ${String(one)} and ${String(other)}`,
      {
        option: first,
      },
    );
  }
  return one !== undefined ? one : other !== undefined ? other : byDefault;
}

/** The options, with a name where they say none; an undefined one says none. */
export function named<O extends { name?: string | undefined }>(
  options: O | undefined,
  byDefault: string,
): O | { name: string } {
  return options?.name === undefined ? { ...options, name: byDefault } : options;
}

export function checkOptions(options: AnyOptions): void {
  checkObject('options', options, ARGS_KEYS);
  if (options.args !== undefined && !Array.isArray(options.args)) throw invalid('args', options.args, 'an array');
  checkFunction('onComplete', options.onComplete);
  checkFunction('onProgress', options.onProgress);
  checkRecord('config', options.config);
  checkRecord('metadata', options.metadata);
  if (options.metadata !== undefined) serialize(options.metadata, 'metadata', LIMITS.metadata);
}

function checkFunction(option: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') throw invalid(option, value, 'a function');
}

function checkRecord(option: string, value: unknown): void {
  if (value === undefined || (typeof value === 'object' && value !== null && !Array.isArray(value))) return;
  throw invalid(option, value, 'an object');
}

/** The engine must not be given anything but text. */
export function checkText(option: string, value: unknown): void {
  if (value === undefined) return;
  checkWhole(option, value);
  if (typeof value === 'string' && value !== '' && (value.length <= 200 || [...value].length <= 200)) return;
  throw invalid(option, value, 'a text of 1 to 200 characters');
}

/** What makes a task more than a plain one. */
export function isFull(options: AnyOptions): boolean {
  const { sessionId, onConflict, retries, backoff, delay, runAt, ttl, idempotencyKey, onLost } = options;
  return (
    sessionId !== undefined ||
    onConflict !== undefined ||
    retries !== undefined ||
    backoff !== undefined ||
    delay !== undefined ||
    runAt !== undefined ||
    ttl !== undefined ||
    idempotencyKey !== undefined ||
    onLost !== undefined
  );
}

/** Whole milliseconds as the engine rounds them; 0 stays 0. */
export function wholeMs(ms: number): number {
  return ms === 0 ? 0 : Math.max(1, Math.round(ms));
}

/** The task's timeout in milliseconds, 0 for none. */
export function timeoutOf(options: AnyOptions, byDefault: number): number {
  const { timeout, timeoutSec } = options;
  const given =
    timeoutSec === undefined
      ? timeout
      : either<Duration | null | undefined>(options, 'timeout', 'timeoutSec', undefined);
  return given === undefined ? byDefault : wholeMs(timeoutMs(given, parse) ?? 0);
}

/** The priority of a plain task: a whole number that fits; else the engine says what is wrong with it. */
export function plainPriority(options: AnyOptions): number | undefined {
  const given = priorityOf(options.priority);
  const priority = given === undefined ? 0 : given;
  return Number.isInteger(priority) && Math.abs(priority) < 2 ** 31 ? priority : undefined;
}

/** What must be alike in two submits with one idempotency key. */
export function fingerprint({ idempotencyKey, input, config, args }: AnyOptions): string | undefined {
  return idempotencyKey === undefined ? undefined : serialize([input, config, args], 'input');
}

/** What a task keeps of its recipe. */
interface NamedVersion {
  readonly name: string;
  readonly version?: string;
}

/** What JavaScript keeps of the options; none for most tasks. */
export function extraOf(options: AnyOptions, recipe?: NamedVersion): Extra | undefined {
  const { args, input, config, metadata, sessionId, onComplete, onProgress } = options;
  const isNone =
    recipe === undefined &&
    args === undefined &&
    input === undefined &&
    config === undefined &&
    metadata === undefined &&
    sessionId === undefined &&
    onComplete === undefined &&
    onProgress === undefined;
  if (isNone) return undefined;
  const extra: Extra = {};
  if (recipe !== undefined) extra.recipe = recipe.name;
  if (recipe?.version !== undefined && recipe.version !== '1') extra.version = recipe.version;
  if (args !== undefined) extra.args = args;
  if (input !== undefined) extra.input = input;
  if (config !== undefined) extra.config = config;
  if (metadata !== undefined) extra.metadata = metadata;
  if (sessionId !== undefined) extra.sessionId = sessionId;
  if (onComplete !== undefined) extra.onComplete = onComplete;
  if (onProgress !== undefined) extra.onProgress = onProgress;
  return extra;
}

/** A parent's slot and whether a further attempt of it goes on with the child. */
export function checkLive(live: boolean, id: () => string): void {
  if (live) return;
  const taskId = id();
  throw new ConflictError('the parent has ended and submits no more', { taskId, details: { parent_id: taskId } });
}
