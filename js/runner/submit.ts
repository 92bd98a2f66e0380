import { DEDUPLICATED } from '../core/runner.ts';
import { invalid } from '../errors/index.ts';
import { type Entry, type Extra, LIVE, type Work } from './entry.ts';
import type { Execution } from './execution.ts';
import { RunnerTaskHandle } from './handle.ts';
import type { Inner } from './inner.ts';
import {
  type AnyOptions,
  checkLive,
  checkOptions,
  extraOf,
  fingerprint,
  isFull,
  numbersOf,
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
export function submit(
  inner: Inner,
  work: Work,
  options: AnyOptions | undefined,
  parent: Parent | undefined,
): RunnerTaskHandle<unknown> {
  if (typeof work !== 'function') throw invalid('fn', work, 'a function');
  const { defaultTimeoutMs } = inner.settings;
  if (options === undefined && parent === undefined) {
    return new RunnerTaskHandle(inner, inner.driver.submit(nameOf(work), 0, defaultTimeoutMs, work, undefined));
  }
  return submitWith(inner, work, options ?? {}, parent);
}

function submitWith(
  inner: Inner,
  work: Work,
  options: AnyOptions,
  parent: Parent | undefined,
): RunnerTaskHandle<unknown> {
  checkOptions(options);
  const name = options.name ?? nameOf(work);
  const timeout = timeoutOf(options, inner.settings.defaultTimeoutMs);
  const extra = extraOf(options);
  const priority = plainPriority(options);
  const plain = parent === undefined && priority !== undefined && isName(name) && !isFull(options);
  const { signal } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalid('signal', signal, 'an AbortSignal');
  const entry = plain
    ? inner.driver.submit(name, priority, timeout, work, extra)
    : submitFull(inner, work, { ...options, name }, timeout, extra, parent);
  if (signal !== undefined) obey(inner, entry, signal);
  return new RunnerTaskHandle(inner, entry, parent?.execution);
}

function submitFull(
  inner: Inner,
  work: Work,
  options: AnyOptions & { name: string },
  timeout: number,
  extra: Extra | undefined,
  parent: Parent | undefined,
): Entry {
  const { name, sessionId, idempotencyKey } = options;
  if (typeof name !== 'string') throw invalid('name', name, 'a text of 1 to 200 characters');
  if (parent !== undefined) checkLive(parent.execution.entry.ended === LIVE);
  const numbers = numbersOf(options, timeout);
  const print = fingerprint(options);
  const { driver } = inner;
  const told = driver.ask((runner, now) =>
    runner.submitSpec(
      name,
      sessionId,
      idempotencyKey,
      print,
      parent?.execution.entry.slot,
      parent?.keyed ?? false,
      numbers,
      now,
    ),
  );
  if (told >= DEDUPLICATED) return driver.entries[told - DEDUPLICATED] as Entry;
  return driver.keep(told, name, work, extra);
}

/** The name of a function, cut to what a name may be. */
function nameOf(work: Work): string {
  const { name } = work;
  if (typeof name !== 'string' || name === '') return 'task';
  return name.length <= LONGEST_NAME ? name : name.slice(0, LONGEST_NAME).toWellFormed();
}

/** Surely a name that the engine takes: characters are at most as many as units. */
function isName(name: unknown): name is string {
  return typeof name === 'string' && name.length > 0 && name.length <= LONGEST_NAME && name.isWellFormed();
}

/** The submitter's signal cancels the task. */
function obey(inner: Inner, entry: Entry, signal: AbortSignal): void {
  const cancel = (): void => void inner.cancel(entry, reasonOf(signal));
  if (signal.aborted) {
    cancel();
    return;
  }
  if (entry.ended !== LIVE) return;
  signal.addEventListener('abort', cancel, { once: true });
  const extra = inner.extraOf(entry);
  const before = extra.detach;
  extra.detach = () => {
    before?.();
    signal.removeEventListener('abort', cancel);
  };
}

function reasonOf({ reason }: AbortSignal): string {
  return reason instanceof Error ? reason.message : String(reason);
}
