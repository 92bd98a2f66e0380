import { isTaskError } from '../errors/index.ts';
import type { Work } from './entry.ts';
import type { Inner } from './inner.ts';
import { milliseconds } from './options.ts';
import type { RunnerTaskHandle } from './runner-handle.ts';
import { ARGS_KEYS, checkObject, type SubmitOptions } from './spec.ts';
import { submit } from './submit.ts';

/** How long to wait for a result. */
export interface Yield {
  /** Milliseconds. Default: the runner's `yieldMs`. */
  yieldMs?: number | undefined;
}

/** A result that came in time, or the task that goes on. */
export type RunOrBackground<Result> = { done: true; result: Result } | { done: false; task: RunnerTaskHandle<Result> };

const KEYS: Record<keyof (SubmitOptions & Yield) | 'args', true> = { ...ARGS_KEYS, yieldMs: true };

export async function runOrBackground(
  inner: Inner,
  fn: Work,
  options: SubmitOptions & Yield,
): Promise<RunOrBackground<unknown>> {
  checkObject('options', options, KEYS);
  const { yieldMs = inner.settings.yieldMs, ...rest } = options;
  milliseconds('yieldMs', yieldMs);
  const task = submit(inner, fn, rest);
  try {
    return { done: true, result: await task.wait(yieldMs / 1000) };
  } catch (error) {
    if (isTaskError(error) && error.code === 'wait_timeout') return { done: false, task };
    throw error;
  }
}
