import { invalid } from '../errors/index.ts';
import { checkKey } from '../wire/check.ts';
import type { Execution, Step } from './entry.ts';
import type { Inner } from './inner.ts';

/** Runs a step, or answers with what it returned in an earlier attempt. Two calls at once share one run. */
export function step<T>(inner: Inner, execution: Execution, key: string, fn: () => T | PromiseLike<T>): Promise<T> {
  checkKey('step', key);
  if (typeof fn !== 'function') throw invalid('fn', fn, 'a function');
  const extra = inner.extraOf(execution.entry);
  extra.steps ??= new Map();
  const steps = extra.steps;
  const known = steps.get(key);
  // What an earlier attempt has left unfinished is not waited for: it may never end.
  if (known !== undefined && (known.done || known.execution === execution)) return known.result as Promise<T>;
  const run: Step = { execution, done: false, result: perform(execution, fn) };
  steps.set(key, run);
  run.result = run.result.then(
    (value) => {
      run.done = note(inner, execution, key);
      if (!run.done) forget();
      return value;
    },
    (error) => {
      forget();
      throw error;
    },
  );
  // Its error is for who awaits the step; a further attempt runs it again.
  const forget = (): void => {
    if (steps.get(key) === run) steps.delete(key);
  };
  run.result.catch(() => {});
  return run.result as Promise<T>;
}

async function perform(execution: Execution, fn: () => unknown): Promise<unknown> {
  execution.signal.throwIfAborted();
  return fn();
}

/** Keeps that it is done; not when the execution is over. */
function note(inner: Inner, execution: Execution, key: string): boolean {
  if (!inner.holds(execution)) return false;
  const { entry, attempt, epoch } = execution;
  inner.driver.after((runner, now) => runner.step(entry.slot, attempt, epoch, key, now));
  return true;
}
