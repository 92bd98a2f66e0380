import { STATUSES } from '../core/runner.ts';
import type { TaskError } from '../errors/index.ts';
import { collect, isAsyncIterable } from '../wire/collect.ts';
import { unlessDead } from './driver.ts';
import {
  type Entry,
  Execution,
  end,
  executionOf,
  LIVE,
  type MakeEntry,
  outcomeOf,
  tellWatchers,
  type Work,
} from './entry.ts';
import { say } from './facts.ts';
import { type End, Followers } from './follower.ts';
import type { Inner } from './inner.ts';
import { lendAgain } from './lend.ts';
import { cancelledError, timeoutError } from './outcome.ts';
import { giveUp, handOut } from './requests.ts';
import { RunnerTaskHandle } from './runner-handle.ts';
import { die, settle } from './settle.ts';
import { TaskContext } from './task-context.ts';
import type { Performer } from './words.ts';

/** Does what the engine wants done: calls functions, aborts signals, settles promises. */
export class TaskExecutor implements Performer {
  readonly #inner: Inner;
  readonly #followers: Followers;

  constructor(inner: Inner) {
    this.#inner = inner;
    this.#followers = new Followers(this.#endOutside);
  }

  readonly entry: MakeEntry = (slot, order, name, work, extra) =>
    new RunnerTaskHandle(this.#inner, slot, order, name, work, extra);

  start(entry: Entry, attempt: number, epoch: number, resume: boolean): void {
    const { driver } = this.#inner;
    if (resume && entry.execution !== undefined) {
      entry.execution.epoch = epoch;
      handOut(entry.execution);
      lendAgain(this.#inner, entry.execution);
      driver.goesOn();
      return;
    }
    if (entry.extra?.again === true) entry.execution = new Execution(entry, attempt, epoch);
    if (entry.ended === LIVE) {
      this.#run(entry);
      return;
    }
    // Cancelled since the engine started it, by a callback that came first: it is never called.
    const execution = executionOf(entry);
    execution.reason = cancelledError(this.#inner, entry);
    driver.fail(execution, execution.reason);
  }

  #run(entry: Entry): void {
    try {
      const value = this.#call(entry);
      if (!isPromise(value) && !isAsyncIterable(value)) {
        this.#end(entry, entry.execution, false, value);
        return;
      }
      const result = isPromise(value)
        ? value
        : this.#inner.driver.scopes.call(entry, this.#collect, { source: value, execution: executionOf(entry) });
      this.#followers.follow(result, entry);
    } catch (error) {
      this.#end(entry, entry.execution, true, error);
      return;
    }
    this.#inner.driver.goesOn();
  }

  /** Its code has ended; without an execution it is a plain task's, which has asked for nothing. */
  #end(entry: Entry, known: Execution | undefined, failed: boolean, outcome: unknown): void {
    const { driver } = this.#inner;
    if (known === undefined && !failed && entry.ended === LIVE) {
      driver.returned(entry, outcome);
      return;
    }
    const execution = known ?? executionOf(entry);
    if (execution.asked === undefined) driver.end(execution, failed, outcome);
    else this.#hold(execution, () => driver.end(execution, failed, outcome));
  }

  /** The same where nothing is set, and nobody could be told that the wasm is dead. */
  readonly #endOutside: End = (entry, known, failed, outcome) => {
    const { scopes } = this.#inner.driver;
    scopes.isOutside = true;
    try {
      this.#end(entry, known, failed, outcome);
    } catch (error) {
      unlessDead(error);
    } finally {
      scopes.isOutside = false;
    }
  };

  /** Its function has returned; its end waits for what that has asked for, and says what of it failed unheard. */
  #hold(execution: Execution, end: () => void): void {
    const { asked } = execution;
    const { driver } = this.#inner;
    const tell = (): void => {
      for (const line of asked?.unheard() ?? []) say(this.#inner, execution, 'log', line);
      end();
    };
    if (asked === undefined || asked.isIdle) {
      tell();
      return;
    }
    asked
      .done()
      .then(() => driver.scopes.outside(tell))
      .catch(unlessDead);
    driver.goesOn();
  }

  #call(entry: Entry): unknown {
    const { scopes } = this.#inner.driver;
    const work = entry.subject as Work;
    const args = entry.extra?.args;
    const value =
      args === undefined
        ? scopes.call(entry, work, new TaskContext(this.#inner, entry))
        : scopes.call(entry, (given) => work(...given), args);
    // Whatever has a `then` is waited for as `await` would do it.
    return isPromise(value) || !isThenable(value) ? value : scopes.call(entry, adopted, value);
  }

  readonly #collect = ({ source, execution }: { source: AsyncIterable<unknown>; execution: Execution }) =>
    collect(source, execution, (item) => say(this.#inner, execution, 'output', item));

  abort(entry: Entry, why: number): void {
    const execution = executionOf(entry);
    const reason = why === 0 ? cancelledError(this.#inner, entry) : timeoutError(this.#inner, entry, why !== 1);
    this.#inner.driver.scopes.call(entry, (why) => execution.abort(why), reason);
    giveUp(execution, reason);
  }

  ended(entry: Entry, status: number, stopped: boolean): void {
    end(entry, status, stopped);
    if (stopped) entry.execution = undefined;
    if (entry.extra?.detach !== undefined) {
      entry.extra.detach();
      entry.extra.detach = undefined;
    }
    settle(this.#inner, entry);
  }

  isSilent(entry: Entry, status: number): boolean {
    const { extra, resolve } = entry;
    if (extra !== undefined || this.#inner.settings.onComplete !== undefined) return false;
    // An error is made with the engine's help, and a promise asks an object whether it has a `then`.
    return resolve === undefined || (STATUSES[status] === 'completed' && !isObject(outcomeOf(entry, status)));
  }

  stopped(entry: Entry): void {
    const { execution } = entry;
    if (entry.ended !== LIVE && execution !== undefined) {
      if (execution.reason !== undefined) this.#inner.extraOf(entry).last = execution;
      entry.execution = undefined;
    }
    tellWatchers(entry);
  }

  restored(entry: Entry): void {
    const { execution } = entry;
    if (execution?.restored === undefined) return;
    const waiting = execution.restored;
    execution.restored = undefined;
    for (const resolve of waiting) resolve();
    lendAgain(this.#inner, execution);
  }

  event(entry: Entry, text: string): void {
    this.#inner.hub.tell(entry, text);
  }

  died(error: TaskError): void {
    die(this.#inner, error);
  }
}

/** One of each that comes and goes with the tasks of a runner. */
export function shapesOf(inner: Inner): object[] {
  const entry = new RunnerTaskHandle(inner, 0, 0, '', () => {}, undefined);
  return [entry, new TaskContext(inner, entry), new Execution(entry, 1, 1)];
}

/** One whose `then` is a promise's own: it answers once, and later. */
const isPromise = (value: unknown): value is Promise<unknown> =>
  value instanceof Promise && value.then === Promise.prototype.then;

const adopted = (value: PromiseLike<unknown>): Promise<unknown> => new Promise((resolve) => resolve(value));

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && typeof (value as { then?: unknown }).then === 'function';
}

function isObject(value: unknown): value is object {
  return value !== null && (typeof value === 'object' || typeof value === 'function');
}
