import { invalid } from '../errors/index.ts';
import { cancel } from './cancel.ts';
import type { Entry, Work } from './entry.ts';
import type { Inner } from './inner.ts';
import type { RunnerTaskHandle } from './runner-handle.ts';
import type { ResultOf, SubmitOptions } from './spec.ts';
import { submit } from './submit.ts';
import type { TaskContext } from './task-context.ts';

/** One of many tasks to submit. */
export interface Submission<R> extends SubmitOptions {
  /** Called with the context, as by `submit`. */
  fn: (ctx: TaskContext) => R;
}

/** The handles of what was submitted, in the same order. */
export type HandlesOf<S extends readonly Submission<unknown>[]> = {
  -readonly [index in keyof S]: RunnerTaskHandle<ResultOf<ReturnType<S[index]['fn']>>>;
};

/**
 * Submits all; when one is refused, those before it are cancelled before they start, and dropped. What one of them has
 * interrupted stays cancelled.
 */
export function submitMany(inner: Inner, submissions: readonly Submission<unknown>[]): RunnerTaskHandle<unknown>[] {
  if (!Array.isArray(submissions)) throw invalid('submissions', submissions, 'an array');
  const handles: RunnerTaskHandle<unknown>[] = [];
  try {
    for (const submission of submissions) {
      if (typeof submission !== 'object' || submission === null) throw invalid('submission', submission, 'an object');
      const { fn, ...options } = submission;
      handles.push(submit(inner, fn as Work, options));
    }
  } catch (error) {
    for (const handle of handles) if (!handle.deduplicated) takeBack(inner, handle.task);
    throw error;
  }
  return handles;
}

/** Undoes a submit whose task has not started. */
function takeBack(inner: Inner, entry: Entry): void {
  if (entry.kept !== undefined) return; // cancelled by its own signal, and dropped
  inner.extraOf(entry).takenBack = true;
  cancel(inner, entry);
  inner.driver.after((runner, now) => {
    runner.drop(entry.slot);
    return runner.take(now);
  });
}
