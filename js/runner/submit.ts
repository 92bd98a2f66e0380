import { DEDUPLICATED, type RunnerSpec } from '../core/runner.ts';
import { invalid } from '../errors/index.ts';
import { isSignal, onAbort, reasonText } from '../wire/abort.ts';
import type { AbortSignal } from '../wire/globals.ts';
import { isText } from '../wire/text.ts';
import { askedOf } from './asked.ts';
import { cancel } from './cancel.ts';
import { type Entry, type Execution, type Extra, LIVE, type Work } from './entry.ts';
import type { Inner } from './inner.ts';
import { OtherHandle } from './other-handle.ts';
import { isRecipe, type RunnableRecipe, recipeWork } from './recipe.ts';
import { handleOf, type RunnerTaskHandle } from './runner-handle.ts';
import {
  type AnyOptions,
  checkLive,
  checkOptions,
  checkText,
  extraOf,
  fingerprint,
  isFull,
  named,
  plainPriority,
  timeoutOf,
} from './spec.ts';

const LONGEST_NAME = 200;

/** Who submits a child, and whether a further attempt goes on with it. */
export interface Parent {
  execution: Execution;
  keyed: boolean;
}

/** Adds a task and answers with its handle. Throws `QueueFullError`, `ConflictError` and `InvalidArgumentError` at once. */
export function submit(inner: Inner, work: Work, options?: AnyOptions, parent?: Parent): RunnerTaskHandle<unknown> {
  if (typeof work !== 'function') return submitRecipe(inner, work, options, parent);
  const { defaultTimeoutMs } = inner.settings;
  if (options === undefined && parent === undefined) {
    return handleOf(inner.driver.submit(nameOf(work), 0, defaultTimeoutMs, work, inner.withScope(undefined)));
  }
  return submitWith(inner, work, options === undefined ? {} : options, parent);
}

/** A handle of a child that was there before, for the execution that awaits it now. */
export function adopt(inner: Inner, entry: Entry, parent: Execution): RunnerTaskHandle<unknown> {
  return new OtherHandle(inner, entry, { parent, deduplicated: true });
}

function submitRecipe(
  inner: Inner,
  recipe: unknown,
  options: AnyOptions | undefined,
  parent: Parent | undefined,
): RunnerTaskHandle<unknown> {
  if (!isRecipe(recipe)) throw invalid('fn', recipe, 'a function or a recipe');
  if (options?.args !== undefined) throw invalid('args', options.args, 'nothing: a recipe gets its input');
  return submitWith(inner, recipeWork(recipe), named(options, recipe.name), parent, recipe);
}

function submitWith(
  inner: Inner,
  work: Work,
  options: AnyOptions,
  parent: Parent | undefined,
  recipe?: Pick<RunnableRecipe, 'name' | 'version'>,
): RunnerTaskHandle<unknown> {
  checkOptions(options);
  const { name = nameOf(work) } = options;
  const timeout = timeoutOf(options, inner.settings.defaultTimeoutMs);
  const extra = inner.withScope(extraOf(options, recipe));
  const priority = plainPriority(options);
  const plain =
    parent === undefined && recipe === undefined && priority !== undefined && isName(name) && !isFull(options);
  const { signal } = options;
  if (signal !== undefined && !isSignal(signal)) throw invalid('signal', signal, 'an AbortSignal');
  const told = plain
    ? inner.driver.submit(name, priority, timeout, work, extra)
    : submitFull(inner, work, { ...options, name }, timeout, { extra, parent });
  if (typeof told === 'number') {
    const known = inner.driver.entries.get(told) as Entry;
    return new OtherHandle(inner, known, { parent: parent?.execution, deduplicated: true });
  }
  if (signal !== undefined) obey(inner, told, signal);
  if (parent === undefined) return handleOf(told);
  return new OtherHandle(inner, told, { parent: parent.execution, deduplicated: false });
}

/** Answers with the entry, or with the slot of the task that was there before. */
function submitFull(
  inner: Inner,
  work: Work,
  options: AnyOptions & { name: string },
  timeout: number,
  { extra, parent }: { extra: Extra | undefined; parent: Parent | undefined },
): Entry | number {
  const { name, sessionId, idempotencyKey } = options;
  checkText('name', name);
  checkText('sessionId', sessionId);
  checkText('idempotencyKey', idempotencyKey);
  if (parent !== undefined) checkLive(inner.holds(parent.execution), () => inner.idOf(parent.execution.entry));
  const spec: RunnerSpec = {
    name,
    ...askedOf(options),
    recipe: extra?.recipe,
    fingerprint: fingerprint(options),
    parent: parent?.execution.entry.slot,
    keyed: parent?.keyed ?? false,
    timeoutMs: timeout,
  };
  const { driver } = inner;
  const told = driver.ask((runner, now) => runner.submitSpec(spec, now));
  if (told >= DEDUPLICATED) return told - DEDUPLICATED;
  return driver.keep(told, name, work, { ...extra, again: true });
}

/** The last name of a function, and what was made of it: functions of one place have the same. */
let lastName = '';
let lastMade = 'task';

/** The name of a function, cut to what a name may be. */
function nameOf(work: Work): string {
  const { name } = work;
  if (typeof name !== 'string') return 'task';
  if (name !== lastName) {
    lastMade = name === '' ? 'task' : name.slice(0, LONGEST_NAME).toWellFormed();
    lastName = name;
  }
  return lastMade;
}

/** Surely a name that the engine takes: characters are at most as many as units. */
function isName(name: unknown): name is string {
  return typeof name === 'string' && name.length > 0 && name.length <= LONGEST_NAME && isText(name);
}

/** The submitter's signal cancels the task. */
function obey(inner: Inner, entry: Entry, signal: AbortSignal): void {
  const stop = (): void => void cancel(inner, entry, reasonText(signal), { reason: signal.reason });
  if (signal.aborted) {
    stop();
    return;
  }
  if (entry.ended !== LIVE) return;
  const leave = onAbort(signal, stop);
  const extra = inner.extraOf(entry);
  const before = extra.detach;
  extra.detach = () => {
    before?.();
    leave();
  };
}
