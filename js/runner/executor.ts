import { STATUSES } from '../core/runner.ts';
import { collect, isAsyncIterable } from './collect.ts';
import { TaskContext } from './context.ts';
import type { Executor } from './driver.ts';
import type { Entry } from './entry.ts';
import { Execution } from './execution.ts';
import type { Inner } from './inner.ts';
import { recordOf } from './view.ts';

/** Does what the engine wants done: calls functions, aborts signals, settles promises. */
export class TaskExecutor implements Executor {
  readonly #inner: Inner;

  constructor(inner: Inner) {
    this.#inner = inner;
  }

  begin(entry: Entry, attempt: number, epoch: number): Execution {
    return new Execution(entry, attempt, epoch);
  }

  start(execution: Execution): boolean {
    const { driver } = this.#inner;
    const { work, extra } = execution.entry;
    if (work === undefined) return false;
    let value: unknown;
    try {
      value = extra?.args === undefined ? work(new TaskContext(this.#inner, execution)) : work(...extra.args);
      if (isThenable(value)) {
        value.then(
          (result) => driver.settle(execution, result),
          (error) => driver.fail(execution, error),
        );
        return false;
      }
    } catch (error) {
      driver.fail(execution, error);
      return true;
    }
    if (isAsyncIterable(value)) {
      const chunk = (item: unknown): void => this.#inner.output(execution, item);
      collect(value, execution, chunk).then(
        (result) => driver.settle(execution, result),
        (error) => driver.fail(execution, error),
      );
      return false;
    }
    driver.settle(execution, value);
    return true;
  }

  resume(execution: Execution): void {
    this.#inner.answered(execution);
  }

  abort(entry: Entry, why: number): void {
    const { execution } = entry;
    if (execution === undefined) return;
    const reason = why === 0 ? this.#inner.cancelledError(entry) : timeoutError(entry, why, this.#inner);
    execution.abort(reason);
    this.#inner.interrupted(execution, reason);
  }

  ended(entry: Entry, stopped: boolean): void {
    const { execution, extra } = entry;
    if (STATUSES[entry.ended] === 'completed') entry.value = execution?.result;
    else if (execution?.hasThrown) entry.value = execution.thrown;
    entry.work = undefined;
    if (stopped) entry.execution = undefined;
    extra?.detach?.();
    this.#inner.settle(entry);
    if (stopped) this.#watchers(entry);
  }

  stopped(entry: Entry): void {
    if (entry.ended >= 0) entry.execution = undefined;
    this.#watchers(entry);
  }

  restored(entry: Entry): void {
    const waiting = entry.execution?.restored;
    if (waiting === undefined) return;
    (entry.execution as Execution).restored = undefined;
    for (const resolve of waiting) resolve();
  }

  event(entry: Entry, text: string): void {
    this.#inner.hub.tell(entry, text);
  }

  rested(busy: number): void {
    this.#inner.rested(busy);
  }

  #watchers(entry: Entry): void {
    if (entry.watchers === undefined) return;
    for (const watcher of [...entry.watchers]) watcher();
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    value !== null &&
    (typeof value === 'object' || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

function timeoutError(entry: Entry, why: number, inner: Inner): Error {
  const { timeout_ms } = recordOf(inner, entry);
  const message = why === 1 ? `timed out after ${(timeout_ms ?? 0) / 1000}s` : 'a request was not answered in time';
  return Object.assign(new Error(message), { name: 'TimeoutError' });
}
