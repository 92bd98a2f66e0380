/** A worker as its owner has it: how it runs, and what it tells. */
import type { AbortSignal } from '../wire/globals.ts';
import type { Recipe } from './recipe.ts';

/** One thing that a worker did. */
export interface WorkerEvent {
  /** What it did. */
  event: 'ready' | 'started' | 'finished' | 'stopping' | 'stopped';
  /** ISO-8601, UTC. */
  at: string;
  worker_id: string;
  /** Of its process. */
  pid: number;
  /** Of a task that has started or finished. */
  task_id?: string;
  /** Its recipe. */
  recipe?: string;
  /** Its attempt, from 1. */
  attempt?: number;
  /** What it is now, where it has finished. */
  status?: string;
  /** Why it stops. */
  reason?: string;
}

/** How a worker runs. */
export interface WorkOptions {
  /** Tasks at once. Default 5. */
  concurrency?: number;
  /** Recipes in code that it runs, in this process, beside those that are folders. Default: none. */
  recipes?: readonly Recipe[];
  /** Seconds without work after which it ends. Default: never. */
  exitWhenIdle?: number;
  /** Runs by name, with its own values, what for 10 s nobody has had the values for. Default false. */
  anyEnv?: boolean;
  /** Seconds that running tasks get to end by themselves at an orderly stop. Default 0. */
  drain?: number;
  /** Told of each thing that it did. */
  onEvent?: (event: WorkerEvent) => void;
  /** Aborting it stops the worker in order. */
  signal?: AbortSignal;
  /** Aborting it ends the drain of an orderly stop at once. */
  skipDrain?: AbortSignal;
  /** Told about what went wrong inside the worker and was survived. */
  onTrouble?: (text: string) => void;
}

/** How a worker in this process runs. */
export interface AppWorkOptions {
  /** Tasks at once. Default: the configuration's `maxConcurrentTasks`, else 5. */
  concurrency?: number | undefined;
  /** Recipes in code that it runs; only this process can. */
  recipes?: readonly Recipe[] | undefined;
  /** Whether it also runs recipes that are folders. Default: only when no `recipes` are given. */
  folders?: boolean | undefined;
}

/** A worker in this process. It keeps the process alive only while it runs a task. */
export interface Worker {
  /** As `Task.worker.id` names it. */
  readonly id: string;
  /** Claims nothing more, gives what runs so many seconds to end (default 0), ends the rest. */
  stop(drain?: number): Promise<void>;
  /** Resolves when it has stopped; rejects when it lost its store. */
  readonly done: Promise<void>;
}
