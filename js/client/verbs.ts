/** The verbs over a store, in wire JSON: what the CLI prints and what the TypeScript `Client` is made of. */
import type { Duration } from '../wire/handle.ts';
import type { OnLost, TaskJson, TaskStatus } from '../wire/task.ts';
import type { WorkOptions } from '../worker/types.ts';

export type { Duration } from '../wire/handle.ts';
export type { WorkerEvent, WorkOptions } from '../worker/types.ts';

/** What to run and how. */
export interface SubmitRequest {
  /** A recipe's name, or a path that is absolute or starts with `./`. */
  recipe: string;
  input?: unknown;
  config?: unknown;
  metadata?: Record<string, unknown>;
  /** Default: the recipe's name. At most 200 characters. */
  name?: string;
  /** Default: generated. */
  sessionId?: string;
  /** Run time of one attempt; 0, null and Infinity mean none. Default: the recipe's `timeout_sec`, else 300 s. */
  timeout?: Duration | null;
  /** Higher first: `low` -10, `normal` 0, `high` 10, `critical` 20, or a whole number. */
  priority?: number | string;
  /** Further attempts after a failure. Default: the recipe's, else 0. */
  retries?: number;
  /** Wait between attempts, in seconds. Default: 1 to 60, doubled each time, half of it random. */
  backoff?: { initial?: number; max?: number; factor?: number; jitter?: number };
  /** Do not start before this much time has passed. */
  delay?: Duration;
  /** Do not start before this moment. Not together with `delay`. */
  runAt?: Date | string | number;
  /** How long it may wait to start once it is due; then it fails with `expired`. Default: for ever. */
  ttl?: Duration;
  onLost?: OnLost;
}

/** Which tasks to list, newest first. */
export interface ListFilter {
  status?: readonly TaskStatus[];
  sessionId?: string;
  recipe?: string;
  /** Only tasks that need an operator. */
  attention?: boolean;
  /** From 1. Not together with `after`. */
  page?: number;
  /** 1 to 1,000. Default 20. */
  pageSize?: number;
  /** The `next` of the page before. */
  after?: string;
}

/** One page of tasks. */
export interface TaskPage {
  tasks: TaskJson[];
  page: number;
  page_size: number;
  total: number;
  total_exact: boolean;
  counts: Record<TaskStatus, number>;
  next: string | null;
}

/** Which tasks to remove. Without `all`, terminal ones only. */
export interface ClearFilter {
  /** Cancel live ones first, wait for them to stop, remove what stopped. */
  all?: boolean;
  /** Only tasks that ended at least this long ago. */
  olderThan?: Duration;
  status?: readonly TaskStatus[];
  dryRun?: boolean;
}

/** What `clear` did; `remaining` are tasks that had not stopped in time. */
export interface Cleared {
  cleared: number;
  task_ids: string[];
  remaining: string[];
}

/** What `cancel` did. */
export interface Cancelled {
  task_id: string;
  /** False when the task was terminal already. In a dry run: whether it would be cancelled. */
  cancelled: boolean;
  status: TaskStatus;
}

/** How many tasks are in which state. */
export type Summary = Record<TaskStatus, number> & { total: number };

/**
 * The verbs. Every verb first decides what is due (dead workers, expired times), so its answer is the truth also when no
 * worker lives. Ids are full task ids; `resolve` turns what a person typed into one.
 */
export interface Verbs {
  /** The store's file. */
  readonly store: string;
  /** Submits all or none, in one commit; answers after it is durable. Starts a worker unless told not to. */
  submit(requests: readonly SubmitRequest[], options?: { startWorker?: boolean }): Promise<TaskJson[]>;
  /** Checks everything that `submit` checks and writes nothing. */
  check(request: SubmitRequest): Promise<void>;
  /** Turns an id or an unambiguous prefix into the full id. `TaskNotFoundError`, `InvalidArgumentError`. */
  resolve(reference: string): Promise<string>;
  get(id: string): Promise<TaskJson>;
  list(filter?: ListFilter): Promise<TaskPage>;
  /** Returns when the task is terminal, or with `timeout` when the time is over; the task runs on. */
  wait(
    id: string,
    options?: { timeout?: Duration; signal?: AbortSignal },
  ): Promise<{ task: TaskJson; wait_status: 'ok' | 'timeout' }>;
  cancel(id: string, options?: { reason?: string; dryRun?: boolean; stopped?: boolean }): Promise<Cancelled>;
  clear(filter?: ClearFilter): Promise<Cleared>;
  summary(): Promise<Summary>;
  /** Runs a worker in this process until it is idle for long enough or told to stop. */
  work(options?: WorkOptions): Promise<void>;
  close(): Promise<void>;
}
