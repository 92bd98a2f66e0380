import { invalid } from '../errors/index.ts';
import type { Execution } from './execution.ts';
import type { Inner } from './inner.ts';

/** Runs a step, or answers with what it returned in an earlier attempt. Two calls at once share one run. */
export function step<T>(inner: Inner, execution: Execution, key: string, fn: () => T | PromiseLike<T>): Promise<T> {
  checkKey('step', key);
  if (typeof fn !== 'function') throw invalid('fn', fn, 'a function');
  const extra = inner.extraOf(execution.entry);
  extra.steps ??= new Map();
  const steps = extra.steps;
  const known = steps.get(key);
  if (known !== undefined) return known as Promise<T>;
  const run = (async () => {
    execution.signal.throwIfAborted();
    const value = await fn();
    done(inner, execution, key);
    return value;
  })();
  steps.set(key, run);
  // Its error is for who awaits the step; a further attempt runs it again.
  run.catch(() => steps.delete(key));
  return run;
}

function done(inner: Inner, execution: Execution, key: string): void {
  if (!inner.holds(execution)) return;
  const { entry, attempt, epoch } = execution;
  inner.driver.after((runner, now) => runner.step(entry.slot, attempt, epoch, key, now));
}

export function checkKey(option: string, key: unknown): string {
  if (typeof key === 'string' && key.length > 0 && key.length <= 200) return key;
  throw invalid(option, key, 'a text of 1 to 200 characters');
}
