/** The verbs over a store, in wire JSON: what the CLI prints and what the TypeScript `Client` is made of. */

import type { Recipe } from '../ports/recipe.ts';
import type { BackedUp, Migrated, Restored } from '../store/backup.ts';
import type { Checked } from '../store/check.ts';
import type { NewTask } from '../store/types.ts';
import type { Answer, TaskEventJson } from '../wire/event.ts';
import type { EventData } from '../wire/event-data.ts';
import type { AbortSignal } from '../wire/globals.ts';
import type { Backoff } from '../wire/submit-options.ts';
import type { OnConflict, OnLost, Task, TaskJson, TaskStatus } from '../wire/task.ts';
import type { BackgroundTaskHandle, Duration } from '../wire/task-handle.ts';
import type { Lineage } from '../worker/environment/index.ts';
import type { WorkOptions } from '../worker/types.ts';
import type { Config } from './config.ts';
import type { Lacks } from './verbs/lacks.ts';

export type { Duration } from '../wire/task-handle.ts';
export type { WorkerEvent, WorkOptions } from '../worker/types.ts';

/** What to run and how. */
export interface SubmitRequest {
  /** A recipe's name, a path that is absolute or starts with `./`, or a recipe in code: that runs in this process. */
  recipe?: string | Recipe | undefined;
  /** A program and its arguments, in place of a recipe; no shell reads them. It gets this environment, all of it. */
  command?: readonly string[] | undefined;
  /** Where the command runs. Default: this folder. */
  cwd?: string | undefined;
  input?: unknown;
  config?: unknown;
  metadata?: Record<string, unknown> | undefined;
  /** Words that it is found by (`list`): 20 at most, of 1 to 100 characters each. */
  tags?: readonly string[] | undefined;
  /** Default: the recipe's name, or that of the command's program. At most 200 characters. */
  name?: string | undefined;
  /** Default: generated. */
  sessionId?: string | undefined;
  /**
   * Run time of one attempt; 0, null and Infinity mean none. Default: the recipe's `timeout_sec`, else 300 s; of a command
   * none.
   */
  timeout?: Duration | null | undefined;
  /** Higher first: `low` -10, `normal` 0, `high` 10, `critical` 20, or a whole number. */
  priority?: number | string | undefined;
  /** Further attempts after a failure. Default: the recipe's, else 0. */
  retries?: number | undefined;
  /** Wait between attempts. Default: 1 to 60 seconds, doubled each time, half of it random. */
  backoff?: Backoff | undefined;
  /** Do not start before this much time has passed. */
  delay?: Duration | undefined;
  /** Do not start before this moment. Not together with `delay`. */
  runAt?: Date | string | number | undefined;
  /** How long it may wait to start once it is due; then it fails with `expired`. Default: for ever. */
  ttl?: Duration | undefined;
  onLost?: OnLost | undefined;
  /** What becomes of live tasks of the same session. Default `'parallel'`. */
  onConflict?: OnConflict | undefined;
  /**
   * While a task of the same recipe and key lives or has completed, a submit returns that task and adds nothing.
   * `ConflictError` when the input differs. Commands are as those of one recipe; another command is other input.
   */
  idempotencyKey?: string | undefined;
  /** The task that it belongs to, which must be live: it is cancelled when that one is cancelled or fails for good. */
  parent?: string | Pick<BackgroundTaskHandle, 'taskId'> | undefined;
}

/** A submit from within a task. */
export interface SubmitOptions {
  /** Default true. */
  startWorker?: boolean | undefined;
  /** The execution that submits. Default: nobody's, or the request's `parent`, whichever execution it has. */
  execution?: { id: string; attempt: number; epoch: number } | undefined;
  /** A further attempt of that task goes on with its child of this key. */
  childKey?: string | undefined;
  /** Makes of a task that was checked what may be stored. */
  conceal?: ((task: NewTask) => NewTask) | undefined;
  /** Whose environment the task that submits has. Default: that of this process. */
  lineage?: Lineage | undefined;
}

/** A task as a submit answers with it. */
export type Submitted = TaskJson & {
  /** The submit added nothing: the task was there already, under its key. */
  deduplicated?: true;
};

/** Who is told of a task by this process, while it lives and the client is open. */
export interface Attendance {
  /** Called once, when the task has ended in any way; that counts as having read its outcome. */
  onComplete?: ((task: Task) => void) | undefined;
  /** Called with what the recipe tells by `ctx.progress`; frequent calls are merged, the last one counts. */
  onProgress?: ((fraction: number, message?: string) => void) | undefined;
  /** Aborting it cancels the task. */
  signal?: AbortSignal | undefined;
}

/** What a wait came to. */
export interface Waited {
  task: TaskJson;
  wait_status: 'ok' | 'timeout';
  /** Why no worker runs the task, as far as was found out while it was waited for. */
  problem?: string;
}

/** How to wait for several tasks. */
export interface WaitManyOptions {
  /** Until the first of them has ended. Default: until all have. */
  any?: boolean | undefined;
  /** Seconds or a text such as `"90s"`. Default: no limit. 0 looks once. */
  timeout?: Duration | undefined;
  /** Aborting it rejects the wait with the signal's reason; the tasks run on. */
  signal?: AbortSignal | undefined;
}

/** The same with what a face shows meanwhile. */
export interface WaitAllOptions extends WaitManyOptions {
  /** Is told of all of them after every commit, and once a second: whole where they have ended, else their small facts. */
  onLook?: ((tasks: TaskJson[]) => void) | undefined;
}

/** What a wait for several tasks came to: all of them as they are now, in the order in which they were given. */
export interface WaitedAll {
  tasks: TaskJson[];
  /** `timeout`: not all have ended; with `any` none has. */
  wait_status: 'ok' | 'timeout';
  /** Why no worker runs one of them, as far as was found out while it was waited for. */
  problem?: string;
}

/** A part of what happened to a task. */
export interface EventPage {
  task_id: string;
  events: TaskEventJson[];
  /** Give it as `after` to get what follows. */
  next_after: number;
  /** From this `seq` on nothing is missing; older progress, log and output may have been dropped. */
  first_seq: number;
  /** Nothing will follow: the task has ended, and its work has stopped or was given up. */
  over: boolean;
}

/** What happened to several tasks. */
export interface EventsOfAll {
  /** In the order in which it happened, as far as clocks tell; those of one task in the order of their `seq`. */
  events: TaskEventJson[];
  /** By task, in the order in which they were given. */
  tasks: Omit<EventPage, 'events'>[];
}

/** Which events. */
export interface EventQuery {
  /** Only those after this `seq`. Default 0. */
  after?: number | undefined;
  /** So many at most. Default: all. */
  limit?: number | undefined;
  /** Answer when there is at least one, or when nothing will follow. */
  wait?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/** Who cancelled a task, and why. */
export interface Cancellation {
  by: EventData['cancelled']['by'];
  reason: string | null;
}

/** How to take attempts away. */
export interface RecoverOptions {
  /** Any running attempt, not only overdue ones. */
  force?: boolean | undefined;
  /** Back to pending, whatever `onLost` says. */
  retry?: boolean | undefined;
  /** Say what would be done, and change nothing. */
  dryRun?: boolean | undefined;
}

/** What became of a task that was to be recovered. */
export interface RecoveryJson {
  task_id: string;
  result: 'would_apply' | 'applied' | 'skipped_not_recoverable' | 'skipped_state_changed';
  status: TaskStatus;
}

/** What is changed of a live task. */
export interface UpdateChange {
  /** `current`: whatever its code's version is when it starts next, it goes on with that. */
  code: 'current';
}

/** Which tasks to list, newest first. */
export interface ListFilter {
  /** Only tasks of these statuses. Default: all. */
  status?: readonly TaskStatus[] | undefined;
  /** Only tasks of this session. */
  sessionId?: string | undefined;
  /** Only tasks of the recipe of this name. */
  recipe?: string | undefined;
  /** Only tasks that have all of these tags. */
  tags?: readonly string[] | undefined;
  /** Only tasks of exactly this name. */
  name?: string | undefined;
  /** Only tasks that were submitted at this moment or later: a `Date`, its ISO-8601 text, or how long ago (`'1h'`, seconds). */
  since?: Duration | Date | undefined;
  /** Only tasks that need an operator. */
  attention?: boolean | undefined;
  /** Also the ancestors and descendants of those on the page, whatever else is asked; 1,000 at most. Default false. */
  relatives?: boolean | undefined;
  /** From 1. Not together with `after`. */
  page?: number | undefined;
  /** 1 to 1,000. Default 20. */
  pageSize?: number | undefined;
  /** The `next` of the page before. */
  after?: string | undefined;
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
  /** There are more relatives than `tasks` has. */
  cut?: true;
}

/** A session: its tasks with all their relatives, newest first, and what happened to its tasks, in order. */
export interface SessionPage {
  session_id: string;
  /** The newest 1,000 of the session, and relatives that belong to other sessions. */
  tasks: TaskJson[];
  /** The last ones: those of a task by their `seq`, those of several by their time. */
  events: TaskEventJson[];
  /** There are more tasks, or more events, than these. */
  cut?: true;
}

/** Which tasks to remove. Without `all`, terminal ones only. */
export interface ClearFilter {
  /**
   * Only these; not together with `olderThan` or `status`. Nothing is removed when one is unknown (`TaskNotFoundError`), or,
   * without `all`, when one is live or its work has not stopped yet (`ConflictError`).
   */
  ids?: readonly string[] | undefined;
  /** Cancel live ones first, wait for them to stop, remove what stopped. */
  all?: boolean | undefined;
  /** Only tasks that ended at least this long ago. */
  olderThan?: Duration | undefined;
  /** Only tasks of these statuses. Default: all that have ended. */
  status?: readonly TaskStatus[] | undefined;
  /** Say what would be removed, and change nothing. */
  dryRun?: boolean | undefined;
}

/** What `clear` did; `remaining` are tasks that had not stopped in time. */
export interface Cleared {
  cleared: number;
  task_ids: string[];
  /** So many of them still had an idempotency key: a submit with it makes a new task now. */
  keys_freed: number;
  remaining: string[];
}

/** What `cancel` did. */
export interface Cancelled {
  task_id: string;
  /** False when the task was terminal already. In a dry run: whether it would be cancelled. */
  cancelled: boolean;
  status: TaskStatus;
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

/** How many tasks are in which state, and how many executions were ever given up without knowing that they ended. */
export type Summary = Record<TaskStatus | 'abandoned', number> & { total: number };

/** What can be done with the store's file. Nothing is made where there is no store. */
export interface StoreFile {
  /** Reads all of it. `StoreError` when it is damaged (`details.problems`), cannot be opened, or is not there. */
  check(): Promise<Checked>;
  /** Copies it, and its key file to `FILE.key`. Default: `tasks.db.N.bak` beside it. `ConflictError` when the file is there. */
  backup(to?: string): Promise<BackedUp>;
  /** Puts a backup in its place and keeps what was there. `ConflictError` while workers live, unless `force`. */
  restore(from: string, options?: { force?: boolean }): Promise<Restored>;
  /** To this version's schema, after a copy. `StoreError` while a worker of an older version lives, unless `force`. */
  migrate(options?: { force?: boolean }): Promise<Migrated>;
}

/**
 * The verbs. Every verb first decides what is due (dead workers, expired times), so its answer is the truth also when no
 * worker lives. Ids are full task ids; `resolve` turns what a person typed into one.
 */
export interface Verbs {
  /** The store's file. */
  readonly store: string;
  readonly config: Config;
  /** Submits all or none, in one commit; answers after it is durable. Starts a worker unless told not to. */
  submit(requests: readonly SubmitRequest[], options?: SubmitOptions): Promise<Submitted[]>;
  /** Tells of a task what there is to tell; keeps no process alive. */
  attend(id: string, attendance: Attendance): Promise<void>;
  /** Checks everything that `submit` checks and writes nothing. */
  check(request: SubmitRequest): Promise<void>;
  /** Turns an id or an unambiguous prefix into the full id. `TaskNotFoundError`, `InvalidArgumentError`. */
  resolve(reference: string): Promise<string>;
  get(id: string): Promise<TaskJson>;
  /** Several at one moment, in the order of the ids. `TaskNotFoundError` names the first one that is not there. */
  getAll(ids: readonly string[]): Promise<TaskJson[]>;
  /** The same without input, result and what else is large or private: no outcome counts as seen. */
  glanceAll(ids: readonly string[]): Promise<TaskJson[]>;
  /** What a pending task lacks to be run. */
  lacks(id: string): Promise<Lacks>;
  /** Who cancelled a task, and why; undefined of one that was not cancelled. */
  cancellation(id: string): Promise<Cancellation | undefined>;
  /** What the code of a task threw last, when it ran in this process and not long ago. */
  thrownBy(id: string): { value: unknown } | undefined;
  /** The reason of the signal that cancelled a task, when that was here and not long ago. */
  abortedWith(id: string): { value: unknown } | undefined;
  /** `small`: without input, result and what else is large. */
  list(filter?: ListFilter, how?: { small?: boolean }): Promise<TaskPage>;
  /** A session with its tasks and the last of its events, `limit` at most (default 1,000). */
  session(id: string, options?: { limit?: number }): Promise<SessionPage>;
  /**
   * Returns when the task is terminal, or with `timeout` when the time is over; the task runs on. With `outcomeOnly` nobody is
   * shown until when it is kept, so that it was seen is stored a little later, and `drop_at` is as it was before.
   */
  wait(
    id: string,
    options?: { timeout?: Duration | undefined; signal?: AbortSignal | undefined; outcomeOnly?: boolean | undefined },
  ): Promise<Waited>;
  /** Waits for all, or with `any` for the first of several. The same id twice is one task. */
  waitAll(ids: readonly string[], options?: WaitAllOptions): Promise<WaitedAll>;
  cancel(id: string, options?: { reason?: string; dryRun?: boolean; stopped?: boolean }): Promise<Cancelled>;
  /** Cancels several in one commit; none when one is unknown. The same id twice is one task. */
  cancelAll(
    ids: readonly string[],
    options?: { reason?: string; dryRun?: boolean; stopped?: boolean },
  ): Promise<Cancelled[]>;
  events(id: string, query?: EventQuery): Promise<EventPage>;
  /** Events after `after`, until the task has ended and its work has stopped or was given up, or the signal is aborted. */
  follow(id: string, options?: { after?: number; signal?: AbortSignal }): AsyncIterable<TaskEventJson>;
  /** What happened to several, as they were at one moment; at most `limit` events in all. */
  eventsOfAll(ids: readonly string[], query?: { after?: number; limit?: number }): Promise<EventsOfAll>;
  /** The events of several as they happen, each after a `seq` of its own, until all are over or the signal is aborted. */
  followAll(
    tasks: readonly { id: string; after: number }[],
    options?: { signal?: AbortSignal },
  ): AsyncIterable<TaskEventJson>;
  /** The task now and whenever it has changed, until it has ended and its work has stopped, or the signal is aborted. */
  watch(id: string, options?: { signal?: AbortSignal }): AsyncIterable<TaskJson>;
  /**
   * Several now and whenever one has changed, in the order of the ids, until all have ended and their work has stopped; with
   * `ticks` also when only time has passed, once a second.
   */
  watchAll(ids: readonly string[], options?: { signal?: AbortSignal; ticks?: boolean }): AsyncIterable<TaskJson[]>;
  /** At once, after every commit of any process and once a second, until the signal is aborted. */
  changes(options?: { signal?: AbortSignal }): AsyncIterable<void>;
  /** Answers a request of a task. */
  respond(id: string, key: string, answer: Answer): Promise<TaskJson>;
  /**
   * Submits a task that has ended once more, as a new one. `ConflictError` for a live one, unless it is held since its code
   * has changed: that one is cancelled.
   */
  retry(id: string): Promise<Submitted>;
  /** Has a live task go on with the code that is there when it starts next. `ConflictError` for one that has ended. */
  update(id: string, change: UpdateChange): Promise<TaskJson>;
  /** Takes running attempts away: of one task, or of all that are overdue. */
  recover(id: string | { all: true }, options?: RecoverOptions): Promise<RecoveryJson[]>;
  clear(filter?: ClearFilter): Promise<Cleared>;
  summary(): Promise<Summary>;
  /** The store's file itself: whether it is whole, copies of it, and its schema. */
  readonly file: StoreFile;
  /** Runs a worker in this process until it is idle for long enough or told to stop. */
  work(options?: WorkOptions): Promise<void>;
  /** Starts a worker in this process, beside what the process does. */
  startWork(options?: AppWorkOptions): Promise<Worker>;
  close(): Promise<void>;
}
