import { invalid } from '../errors/index.ts';
import type { TaskContext } from './context.ts';
import type { Work } from './entry.ts';
import type { RunnerTaskHandle } from './handle.ts';
import type { Inner } from './inner.ts';
import type { SubmitOptions } from './spec.ts';

/** One of many tasks to submit. */
export interface Submission<R> extends SubmitOptions {
  fn: (ctx: TaskContext) => R;
}

/** Submits all; when one is refused, those before it are cancelled before they start, and dropped. */
export function submitMany(inner: Inner, submissions: readonly Submission<unknown>[]): RunnerTaskHandle<unknown>[] {
  if (!Array.isArray(submissions)) throw invalid('submissions', submissions, 'an array');
  const handles: RunnerTaskHandle<unknown>[] = [];
  try {
    for (const { fn, ...options } of submissions) handles.push(inner.submit(fn as Work, options));
  } catch (error) {
    for (const handle of handles) inner.takeBack(handle.taskId);
    throw error;
  }
  return handles;
}
