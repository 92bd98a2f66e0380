/** How a worker is started, what it needs of others, and what it tells. */
import type { Scope } from '../platform/scope.ts';
import type { Hooks } from '../ports/hooks.ts';
import type { Sweep } from '../ports/sweep.ts';
import type { WorkOptions } from '../ports/worker.ts';
import type { RecipeSearch } from '../recipe/types.ts';
import type { Attempt, NewTask } from '../store/types.ts';
import type { Answer, TaskEventJson } from '../wire/event.ts';
import type { AbortSignal } from '../wire/globals.ts';
import type { TaskJson } from '../wire/task.ts';
import type { Duration } from '../wire/task-handle.ts';
import type { SubmitAlong } from './batcher.ts';
import type { Clock } from './clock.ts';
import type { Lineage } from './environment/environments.ts';
import type { Masked } from './mask/mask.ts';
import type { Outcome } from './outcomes.ts';

export type { WorkerEvent, WorkOptions } from '../ports/worker.ts';
export type { SubmitAlong } from './batcher.ts';
export type { Outcome } from './outcomes.ts';

/** What only this package itself sets. */
export interface RunWorkerOptions extends WorkOptions {
  /** Id of a row that was inserted for this worker. Default: a new one. */
  id?: string;
  /** How many tasks may have a slot at once over all workers of the store. Default: no such limit. */
  maxConcurrent?: number | null;
  /** Whether it runs recipes that are folders. Default true. */
  folders?: boolean;
  /** Where it looks for recipes whose stored folder is not here. Default: nowhere. */
  search?: RecipeSearch;
  /** What its tasks need of a client. Without it they cannot submit children. */
  family?: Family;
  /** Around its attempts. Default: none. */
  hooks?: readonly Hooks[];
  /** What else time makes due, beside its tasks. Default: none. */
  sweeps?: readonly Sweep[];
  /** Given what finds a value of another environment that was handed to it, by the variable's name. */
  onHanded?: (find: (name: string) => string | undefined) => void;
  /** Milliseconds between abort and SIGKILL for a task whose record does not say. Default 5000. */
  killGraceMs?: number;
  /** Loads what its owner needs later; the worker takes no task before that. */
  load?: () => Promise<unknown>;
  /** Told the very value that a recipe in code threw; what is stored is made of it. */
  onThrown?: (id: string, thrown: unknown) => void;
  /** The async context of a task's submit, where that was in this process and something was set there. */
  scopeOf?: (id: string) => Scope | undefined;
  /** The reason of the signal that cancelled a task, where that was in this process. */
  abortedWith?: (id: string) => { value: unknown } | undefined;
  /** Told how new tasks of this process go along with what the worker has for the store; undefined: not any more. */
  onSubmits?: (submit: SubmitAlong | undefined) => void;
  /** Told how a task that ran here has ended, once that is stored. */
  onOutcome?: (outcome: Outcome) => void;
  /** Default: the machine's. */
  clock?: Clock;
  /** What keeps this process alive: the worker until it ends (default), or only the tasks that it runs. */
  keepAlive?: 'always' | 'running';
}

/** The tasks that a task submits, and what it asks of them: a client over the same store does that. */
export interface Family {
  /**
   * `request` is what the task's code gave, unchecked. With a key a further attempt gets the same child back. `conceal`
   * makes of what is checked what may be stored.
   */
  submit(
    request: unknown,
    by: { parent: Attempt; key: string | null; conceal(task: NewTask): NewTask; lineage: Lineage | undefined },
  ): Promise<{ task: TaskJson; deduplicated: boolean }>;
  get(id: string): Promise<TaskJson>;
  wait(
    id: string,
    how: { timeout?: Duration; signal: AbortSignal },
  ): Promise<{ task: TaskJson; wait_status: 'ok' | 'timeout' }>;
  /** False when it was terminal already. With `stopped` it answers when the work has really ended. */
  cancel(id: string, how: { reason?: string; stopped?: boolean }): Promise<boolean>;
  /** Events after `after`. With `wait` it answers when there are any, or when there will be none. */
  events(
    id: string,
    how: { after: number; wait: boolean; signal: AbortSignal },
  ): Promise<{ events: TaskEventJson[]; next_after: number; over: boolean }>;
  /** `conceal` makes of the content, JSON text, what may be stored. */
  respond(id: string, key: string, answer: Answer, conceal: (json: string) => Masked): Promise<void>;
}
