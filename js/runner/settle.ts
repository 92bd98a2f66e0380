/** Telling those who wait. */
import type { TaskError } from '../errors/index.ts';
import { throwLater } from './driver.ts';
import { type Entry, type Execution, executionOf, LIVE, tellWatchers } from './entry.ts';
import type { Inner } from './inner.ts';
import { errorOf } from './outcome.ts';
import { giveUp } from './requests.ts';
import { taskOf } from './view.ts';

/** What only a task that lives needs. */
const LET_GO = ['awaited', 'onComplete', 'onProgress', 'steps', 'children'] as const;

/** Settles who waits for a task that has ended. */
export function settle(inner: Inner, entry: Entry): void {
  const { resolve, extra } = entry;
  if (resolve !== undefined) {
    inner.release();
    entry.resolve = undefined;
    resolve(inner.isCompleted(entry) ? entry.subject : rejected(errorOf(inner, entry)));
  }
  tellWatchers(entry);
  const onComplete = extra?.onComplete;
  if (extra !== undefined) for (const key of LET_GO) if (extra[key] !== undefined) extra[key] = undefined;
  if (extra?.takenBack === true) return;
  if (onComplete !== undefined) inner.callBack(entry, onComplete, taskOf(inner, entry));
  const { onComplete: forAll } = inner.settings;
  if (forAll !== undefined) inner.callBack(entry, forAll, taskOf(inner, entry));
}

/** The wasm is dead: whoever waits hears it, and code that runs is told to end. */
export function die(inner: Inner, error: TaskError): void {
  for (const entry of inner.driver.entries) {
    const { resolve } = entry;
    entry.resolve = undefined;
    resolve?.(rejected(error));
    if (entry.ended === LIVE || entry.execution !== undefined) end(inner, entry, executionOf(entry), error);
  }
  inner.mourn(error);
}

function end(inner: Inner, entry: Entry, execution: Execution, error: TaskError): void {
  if (execution.over || execution.reason !== undefined) return;
  try {
    inner.driver.scopes.call(entry, (why) => execution.abort(why), error);
  } catch (thrown) {
    throwLater(thrown);
  }
  giveUp(execution, error);
  for (const resolve of execution.restored?.splice(0) ?? []) resolve();
}

/** Resolved with it, a promise rejects: so a task that is awaited keeps one function instead of two. */
function rejected(error: Error): PromiseLike<never> {
  // biome-ignore lint/suspicious/noThenProperty: that is what it is
  return { then: (_, reject) => reject?.(error) as never };
}
