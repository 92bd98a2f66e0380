import type { Answer } from '../wire/event.ts';
import type { BackgroundTaskHandle } from '../wire/handle.ts';
import type { Task } from '../wire/task.ts';
import type { Execution } from './execution.ts';

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
  args?: readonly unknown[];
  input?: unknown;
  config?: Record<string, unknown>;
  metadata?: Record<string, unknown>;
  sessionId?: string;
  onComplete?: (task: Task) => void;
  onProgress?: (fraction: number, message?: string) => void;
  /** Stops listening to the submitter's signal. */
  detach?: () => void;
  /** Why it was cancelled. */
  reason?: string;
  /** Finished and running steps by key. */
  steps?: Map<string, Promise<unknown>>;
  /** Keyed children. */
  children?: Map<string, BackgroundTaskHandle>;
  /** What was asked, by key. */
  requests?: Map<string, Asked>;
}

/** A request of a task, and who waits for its answer. */
export interface Asked {
  schema?: unknown;
  answer?: Answer;
  deferred?: Deferred;
}

/** A task as JavaScript keeps it, beside its entry in the engine. */
export class Entry {
  readonly slot: number;
  /** The runner's tasks counted from 1. */
  readonly order: number;
  readonly name: string;
  /** The user's function, while it may still be called. */
  work: Work | undefined;
  extra: Extra | undefined;
  /** The number of a terminal status, or `LIVE`. */
  ended = LIVE;
  /** The result; what was thrown, of a failed task. */
  value: unknown = undefined;
  /** Made when it was first told; an id that nobody was told cannot be asked for. */
  id: string | undefined = undefined;
  execution: Execution | undefined = undefined;
  deferred: Deferred | undefined = undefined;
  /** Called when it has ended, and when its work has. */
  watchers: Set<() => void> | undefined = undefined;
  /** What is left of the record once it was dropped: a text, or the numbers of a plain task. */
  kept: string | readonly number[] | undefined = undefined;

  constructor(slot: number, order: number, name: string, work: Work, extra: Extra | undefined) {
    this.slot = slot;
    this.order = order;
    this.name = name;
    this.work = work;
    this.extra = extra;
  }

  watch(watcher: () => void): () => void {
    this.watchers ??= new Set();
    this.watchers.add(watcher);
    return () => this.watchers?.delete(watcher);
  }
}

export function deferred(): Deferred {
  let resolve!: (value: unknown) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
