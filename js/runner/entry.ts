import { STATUSES } from '../core/runner.ts';
import type { Scope } from '../platform/types.ts';
import { Asked as Calls } from '../wire/asked.ts';
import type { Answer } from '../wire/event.ts';
import type { AbortSignal } from '../wire/globals.ts';
import type { ToldProgress } from '../wire/progress.ts';
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
  /** What runs, while it was asked for. */
  execution?: Execution | undefined;
  /** What is left of the record that was dropped before those who wait were told of the end. */
  kept?: Kept;
  /** Made when it was first told; an id that nobody was told cannot be asked for. */
  id?: string;
  /** The promise of all who wait but the first. */
  awaited?: Promise<unknown> | undefined;
  /** Called when it has ended, and when its work has. */
  watchers?: Set<() => void>;
  /** The async context of its submit, for all that is called for it, unless nothing was set there. */
  scope?: Scope;
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
  onProgress?: ((fraction: number, message?: string, data?: unknown) => void) | undefined;
  /** Nobody was given it: another one that was submitted with it was refused. */
  takenBack?: boolean;
  /** Stops listening to the submitter's signal. */
  detach?: (() => void) | undefined;
  /** What was told of its progress, and in which attempt; only where somebody is to know more than its record does. */
  told?: ToldProgress & { readonly attempt: number };
  /** It may run more than once, so that each execution is known from its start. */
  again?: boolean;
  /** The execution that was told to end, once its work has ended or was given up: its code may ask for its signal yet. */
  last?: Execution;
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
  /** The number of a terminal status, or `LIVE`. */
  ended: number;
  /** Of a plain task only when somebody has asked for it, or it is told to end: most never do. Kept in `extra`. */
  execution: Execution | undefined;
  /** Settles the promises of those who wait for its end. */
  resolve: ((outcome: unknown) => void) | undefined;
  /** What is left of the record once it was dropped. */
  kept: Kept | undefined;
}

/** Makes one. */
export type MakeEntry = (slot: number, order: number, name: string, work: Work, extra: Extra | undefined) => Entry;

/** It has ended with that status; its work may go on, unless it has stopped. */
export function end(entry: Entry, status: number, stopped: boolean): void {
  entry.subject = outcomeOf(entry, status);
  if (!stopped) executionOf(entry);
  entry.ended = status;
}

/** What its code has come to. What returned at once has left it where its function was. */
export function outcomeOf(entry: Entry, status: number): unknown {
  if (entry.execution !== undefined) return entry.execution.outcome;
  return STATUSES[status] === 'completed' ? entry.subject : undefined;
}

/** The execution of a task that runs, or has run once. Code that has ended and asked for nothing had none: made now, it is over. */
export function executionOf(entry: Entry): Execution {
  const known = entry.execution ?? entry.extra?.last;
  if (known !== undefined) return known;
  const execution = new Execution(entry, 1, 1);
  if (entry.ended === LIVE) entry.execution = execution;
  else execution.over = true;
  return execution;
}

/** A promise of the outcome of a task that lives: the second one is for all who come later. */
export function awaited(entry: Entry): Promise<unknown> {
  const { resolve: first } = entry;
  if (first === undefined) {
    const promise = new Promise(take);
    entry.resolve = taken;
    return promise;
  }
  entry.extra ??= {};
  entry.extra.awaited ??= new Promise((resolve) => {
    entry.resolve = (outcome) => {
      first(outcome);
      resolve(outcome);
    };
  });
  return entry.extra.awaited;
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

let taken: ((outcome: unknown) => void) | undefined;

/** One function for all promises: a closure for each would be as much again to collect. */
function take(resolve: (outcome: unknown) => void): void {
  taken = resolve;
}
