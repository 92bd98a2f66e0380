import type { Scope } from '../platform/types.ts';
import { Asked as Calls } from '../wire/asked.ts';
import type { Answer } from '../wire/event.ts';
import type { AbortSignal } from '../wire/globals.ts';
import type { Task } from '../wire/task.ts';
import { read } from '../wire/thrown.ts';

/** The status of a task that lives, where the number of a terminal one would be. */
export const LIVE = -1;

// biome-ignore lint/suspicious/noExplicitAny: whatever a user submits
export type Work = (...args: any[]) => unknown;

/** A promise for many, made when the first one waits. */
export interface Deferred {
  promise: Promise<unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** What few tasks have. */
export interface Extra {
  /** Made when it was first told; an id that nobody was told cannot be asked for. */
  id?: string;
  /** Called when it has ended, and when its work has. */
  watchers?: Set<() => void>;
  /** Its name, when a recipe was submitted. */
  recipe?: string;
  /** That of a recipe, where it is not the first. */
  version?: string;
  args?: readonly unknown[];
  input?: unknown;
  config?: Record<string, unknown>;
  metadata?: Record<string, unknown>;
  sessionId?: string;
  /** Let go once the task has ended, as is all that its submitter gave to be called. */
  onComplete?: ((task: Task) => void) | undefined;
  onProgress?: ((fraction: number, message?: string) => void) | undefined;
  /** Nobody was given it: another one that was submitted with it was refused. */
  takenBack?: boolean;
  /** Stops listening to the submitter's signal. */
  detach?: (() => void) | undefined;
  /** Why it was cancelled. */
  reason?: string | undefined;
  /** The reason of the signal that cancelled it. */
  abortedWith?: { readonly reason: unknown };
  /** Finished and running steps by key. */
  steps?: Map<string, Step> | undefined;
  /** Keyed children. */
  children?: Map<string, Entry> | undefined;
  /** What was asked, by key. */
  requests?: Map<string, Asked>;
}

/** A step, and the execution that runs it. */
export interface Step {
  execution: Execution;
  done: boolean;
  result: Promise<unknown>;
}

/** A request of a task, and who waits for its answer. */
export interface Asked {
  /** Whose question it is, while it is open. */
  execution: Execution;
  schema?: unknown;
  answer?: Answer;
  deferred?: Deferred;
}

/** What is left of a record: its text, or the numbers of a plain task. Moments are milliseconds since the runner was made. */
export type Kept = string | KeptPlain;

export interface KeptPlain {
  readonly priority: number;
  readonly timeoutMs: number;
  readonly created: number;
  readonly started: number;
  readonly ended: number;
}

/**
 * A task as JavaScript keeps it, beside its entry in the engine. There may be a million of them: what few tasks have is in
 * `extra`, and the handle of a task is its entry, as two objects would be twice as many to be collected.
 */
export interface Entry {
  readonly slot: number;
  /** The runner's tasks counted from 1. */
  readonly order: number;
  readonly name: string;
  /** The user's function while it may be called; then the result, or what was thrown. */
  subject: unknown;
  extra: Extra | undefined;
  /** The async context of its submit, for all that is called for it; undefined when nothing was set there. */
  readonly scope: Scope | undefined;
  /** The number of a terminal status, or `LIVE`. */
  ended: number;
  execution: Execution | undefined;
  /** What those get who wait for its end, and how they get it. */
  promise: Promise<unknown> | undefined;
  resolve: ((outcome: unknown) => void) | undefined;
  /** What is left of the record once it was dropped. */
  kept: Kept | undefined;
}

/** Makes one. `scope`: that of the submit. */
export type MakeEntry = (
  slot: number,
  order: number,
  name: string,
  work: Work,
  extra: Extra | undefined,
  scope: Scope | undefined,
) => Entry;

/** It has ended with that status. */
export function end(entry: Entry, status: number): void {
  entry.ended = status;
  entry.subject = entry.execution?.outcome;
}

/** A promise of the outcome of a task that lives: one for all who wait. */
export function awaited(entry: Entry): Promise<unknown> {
  if (entry.promise === undefined) {
    entry.promise = new Promise(take);
    entry.resolve = taken.resolve;
  }
  return entry.promise;
}

/** Calls back when it has ended, and when its work has; answers with how to end that. */
export function watch(entry: Entry, watcher: () => void): () => void {
  entry.extra ??= {};
  entry.extra.watchers ??= new Set();
  const { watchers } = entry.extra;
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function tellWatchers({ extra }: Entry): void {
  if (extra?.watchers !== undefined) for (const watcher of [...extra.watchers]) watcher();
}

/** One run of a task's function. */
export class Execution {
  readonly entry: Entry;
  readonly attempt: number;
  /** One higher when it goes on after an answer. */
  epoch: number;
  /** What it returned or threw. */
  outcome: unknown = undefined;
  /** It has returned or thrown. */
  over = false;
  /** Why it was told to end. */
  reason: Error | undefined = undefined;
  /** How many waits for children of its own it has open. */
  awaiting = 0;
  /** Called when the lent slot is back. */
  restored: (() => void)[] | undefined = undefined;
  /** What its function has asked for; most ask for nothing. */
  asked: Calls | undefined = undefined;
  #controller: AbortController | undefined = undefined;

  constructor(entry: Entry, attempt: number, epoch: number) {
    this.entry = entry;
    this.attempt = attempt;
    this.epoch = epoch;
  }

  /** Made when the function asks for it: most never do. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.reason !== undefined) this.#controller.abort(this.reason);
    }
    return this.#controller.signal;
  }

  /** Gives a call on to the function, whose end waits for it; see `Calls.add`. */
  ask<T>(what: string, promise: Promise<T>, until?: Promise<unknown>): Promise<T> {
    this.asked ??= new Calls();
    if (this.reason !== undefined) this.asked.release();
    return this.asked.add(what, promise, until);
  }

  abort(reason: Error): void {
    this.reason = reason;
    this.asked?.release();
    this.#controller?.abort(reason);
  }

  /** After the abort, code that ends with the signal's reason, or an `AbortError`, did what it was told. */
  isOurAbort(thrown: unknown): boolean {
    const { reason } = this;
    if (reason === undefined) return false;
    return (
      thrown === reason ||
      isReasonOf(reason, thrown) ||
      read(thrown, 'name') === 'AbortError' ||
      read(thrown, 'cause') === reason
    );
  }
}

/** Code that listens to the submitter's own signal ends with that one's reason. */
function isReasonOf(reason: Error, thrown: unknown): boolean {
  return reason.cause !== undefined && thrown === reason.cause;
}

export function deferred(): Deferred {
  const promise = new Promise(take);
  return { promise, resolve: taken.resolve, reject: taken.reject };
}

const nothing = (): void => {};
const taken: Omit<Deferred, 'promise'> = { resolve: nothing, reject: nothing };

/** One function for all promises: a closure for each would be as much again to collect. */
function take(resolve: (value: unknown) => void, reject: (error: unknown) => void): void {
  taken.resolve = resolve;
  taken.reject = reject;
}
