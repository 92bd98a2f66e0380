import { invalid, isTaskError } from '../errors/index.ts';
import type { Work } from './entry.ts';
import type { RunnerTaskHandle } from './handle.ts';
import type { Inner } from './inner.ts';
import { milliseconds } from './options.ts';
import type { SubmitOptions } from './spec.ts';

/** A result that came in time, or the task that goes on. */
export type RunOrBackground<Result> = { done: true; result: Result } | { done: false; task: RunnerTaskHandle<Result> };

export async function runOrBackground(
  inner: Inner,
  fn: Work,
  options: SubmitOptions & { yieldMs?: number },
): Promise<RunOrBackground<unknown>> {
  if (typeof options !== 'object' || options === null) throw invalid('options', options, 'an object');
  const { yieldMs = inner.settings.yieldMs, ...rest } = options;
  milliseconds('yieldMs', yieldMs);
  const task = inner.submit(fn, rest);
  try {
    return { done: true, result: await task.wait(yieldMs / 1000) };
  } catch (error) {
    if (isTaskError(error) && error.code === 'wait_timeout') return { done: false, task };
    throw error;
  }
}
