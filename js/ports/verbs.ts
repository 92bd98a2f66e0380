/**
 * What can be done with tasks, in two parts: `TaskVerbs` may cross a wire, so that a server has them and a client over it
 * looks the same; `LocalVerbs` need this process, its callbacks and its files.
 */
import type {
  Cancellation,
  Cancelled,
  Cleared,
  EventsOfAll,
  Lacks,
  RecoveryJson,
  SessionPage,
  Submitted,
  Summary,
  TaskPage,
  WaitedAll,
} from '../wire/answers.ts';
import type { Config } from '../wire/config.ts';
import type { ChannelTest, DeliveriesPage, DeliveriesQuery } from '../wire/deliveries.ts';
import type { Answer, TaskEventJson } from '../wire/event.ts';
import type { ConsumeOptions, Consuming, FeedEventJson, FeedHandler, FeedPage, FeedQuery } from '../wire/feed.ts';
import type { AbortSignal } from '../wire/globals.ts';
import type {
  CancelOptions,
  ClearFilter,
  EventsQuery,
  FollowedTask,
  ListFilter,
  RecoverOptions,
  RetryOptions,
  SubmitOnce,
  TaskRequest,
  UpdateChange,
  WaitManyOptions,
} from '../wire/requests.ts';
import type { NextOptions, ResumeOptions, ScheduleJson, ScheduleRequest, ScheduleUpdate } from '../wire/schedule.ts';
import type { Task, TaskJson } from '../wire/task.ts';
import type { Recipe } from './recipe.ts';
import type { StoreFile } from './store-file.ts';
import type { AppWorkOptions, Worker, WorkOptions } from './worker.ts';

/** What to run and how, also where that is code of this process. */
export interface SubmitRequest extends Omit<TaskRequest, 'recipe' | 'onComplete'> {
  /** A recipe's name, a path that is absolute or starts with `./`, or a recipe in code: that runs in this process. */
  recipe?: string | Recipe | undefined;
  /** The task that is submitted when it has ended. */
  onComplete?: WakeRequest | undefined;
}

/**
 * A task that tells somebody of ends, stored with the task that is to end: the commit of that end submits it, whichever process
 * decides it. It starts a second later, and ends of that second with an equal request are told by one. Its input gets them as
 * `ended`, a list of `{ task_id, name, status, result, error? }`, a prompt behind its text.
 */
export interface WakeRequest {
  /** As a submit takes it, without `onComplete`, `idempotencyKey` and `parent`. Default of its session: the task's. */
  submit: Omit<SubmitRequest, 'onComplete' | 'idempotencyKey' | 'parent'>;
}

/** How to wait, and what a face shows meanwhile. */
export interface WaitOptions extends WaitManyOptions {
  /** Is told of all of them whenever something has happened to one, and once a second: whole where they have ended, else their small facts. */
  onLook?: ((tasks: TaskJson[]) => void) | undefined;
}

/** How to watch several tasks. */
export interface WatchOptions {
  /** Aborting it ends the watching. */
  signal?: AbortSignal | undefined;
  /** Also tell when only time has passed, once a second. Default false. */
  ticks?: boolean | undefined;
}

/** How to be told of changes. */
export interface ChangesOptions {
  /** Aborting it ends the iteration. */
  signal?: AbortSignal | undefined;
  /** Whoever asks looks only: what is due is decided, but no record is cleaned up. Default false. */
  dropNothing?: boolean | undefined;
}

/** A schedule that was due and not submitted for. */
export interface DueFailure {
  schedule_id: string;
  name: string;
  error: { code: string; message: string };
}

/** What was submitted for schedules that were due, and which failed beside. */
export interface DueDone {
  tasks: Submitted[];
  failed: DueFailure[];
}

/** What may be asked of schedules from anywhere. `which`: a name or id; an unknown one is a `ScheduleNotFoundError`. */
export interface ScheduleVerbs {
  /** Stores it once all of it is checked, also what it submits. Starts a worker, which stays while one is active. */
  add(request: ScheduleRequest): Promise<ScheduleJson>;
  /** In the order of their names. A look only: no worker is started. */
  list(): Promise<ScheduleJson[]>;
  /** One of them. */
  get(which: string): Promise<ScheduleJson>;
  /** Changes it; one that has ended or is broken goes on. */
  update(which: string, change: ScheduleUpdate): Promise<ScheduleJson>;
  /** Removes it, and answers with it as it was; its tasks go on. */
  remove(which: string): Promise<ScheduleJson>;
  /** Nothing is submitted for it until it is resumed. */
  pause(which: string): Promise<ScheduleJson>;
  /** It goes on; also one that is broken. */
  resume(which: string, options?: ResumeOptions): Promise<ScheduleJson>;
  /** Submits now, as its overlap lets it; what comes next stays. */
  runNow(which: string): Promise<Submitted[]>;
  /** Submits for all that is due. Rejects where something failed and nothing was submitted. */
  runDue(): Promise<DueDone>;
  /** The next moments of a text, as ISO 8601. */
  next(when: string | number, options?: NextOptions): Promise<string[]>;
}

/**
 * What may be asked of tasks from anywhere, in wire JSON. Every verb first decides what is due (dead workers, expired times),
 * so its answer is the truth also when no worker lives. Ids are full task ids; `resolve` turns what a person typed into one. An unknown id is a `TaskNotFoundError` that names the first one, and nothing is done.
 */
export interface TaskVerbs {
  /** Where the tasks are, as a person would name it: the store's file. */
  readonly store: string;
  /** Submits all or none, in one commit; answers after it is durable. Starts a worker. */
  submit(requests: readonly TaskRequest[], how?: SubmitOnce): Promise<Submitted[]>;
  /** Checks everything that `submit` checks and writes nothing. */
  check(request: TaskRequest): Promise<void>;
  /** Turns an id or an unambiguous prefix into the full id. `TaskNotFoundError`, `InvalidArgumentError`. */
  resolve(reference: string): Promise<string>;
  /** Several at one moment, in the order of the ids. Outcomes count as seen. */
  get(ids: readonly string[]): Promise<TaskJson[]>;
  /** The same without input, result and what else is large or private: no outcome counts as seen. */
  glance(ids: readonly string[]): Promise<TaskJson[]>;
  /** The whole task, for who looks only: its outcome does not count as seen, and nothing is cleaned up. */
  peek(id: string): Promise<TaskJson>;
  /** What a pending task lacks to be run. */
  lacks(id: string): Promise<Lacks>;
  /** Who cancelled a task, and why; undefined of one that was not cancelled. */
  cancellation(id: string): Promise<Cancellation | undefined>;
  /** `small`: without input, result and what else is large. */
  list(filter?: ListFilter, how?: { small?: boolean }): Promise<TaskPage>;
  /** A session with its tasks and the last of its events, `limit` at most (default 1,000). */
  session(id: string, options?: { limit?: number }): Promise<SessionPage>;
  /**
   * Returns when all have ended, with `any` when the first has, or when the time is over; then the tasks run on. The same id
   * twice is one task.
   */
  wait(ids: readonly string[], options?: WaitOptions): Promise<WaitedAll>;
  /** Cancels them in one commit. The same id twice is one task. */
  cancel(ids: readonly string[], options?: CancelOptions): Promise<Cancelled[]>;
  /** What happened to them, as they were at one moment; at most `limit` events in all. */
  events(ids: readonly string[], query?: EventsQuery): Promise<EventsOfAll>;
  /**
   * Their events as they happen, each after a `seq` of its own, until all have ended and their work has stopped or was given
   * up, or the signal is aborted.
   */
  follow(tasks: readonly FollowedTask[], options?: { signal?: AbortSignal | undefined }): AsyncIterable<TaskEventJson>;
  /**
   * They themselves, now and whenever one has changed, in the order of the ids, until all have ended and their work has
   * stopped, or the signal is aborted.
   */
  watch(ids: readonly string[], options?: WatchOptions): AsyncIterable<TaskJson[]>;
  /** At once, after every commit of any process and once a second, until the signal is aborted. */
  changes(options?: ChangesOptions): AsyncIterable<void>;
  /**
   * A page of the events of all tasks, in the order of their commits. For who looks only: nothing counts as seen, and nothing is
   * cleaned up. `StoreError` (`older_schema`) of a store that an older version has written, until the next write.
   */
  feed(query?: FeedQuery): Promise<FeedPage>;
  /** Answers a request of a task. */
  respond(id: string, key: string, answer: Answer): Promise<TaskJson>;
  /**
   * Submits a task that has ended once more, as a new one. `ConflictError` for a live one, unless it is held since its code
   * has changed: that one is cancelled. `InvalidArgumentError` for bounds of agents where there are none.
   */
  retry(id: string, options?: RetryOptions): Promise<Submitted>;
  /** Has a live task go on with the code that is there when it starts next. `ConflictError` for one that has ended. */
  update(id: string, change: UpdateChange): Promise<TaskJson>;
  /** Takes running attempts away: of one task, or of all that are overdue. */
  recover(id: string | { all: true }, options?: RecoverOptions): Promise<RecoveryJson[]>;
  /** Removes tasks that have ended, with `all` live ones too. */
  clear(filter?: ClearFilter): Promise<Cleared>;
  /** What channels are told of tasks, the newest first. */
  deliveries(query?: DeliveriesQuery): Promise<DeliveriesPage>;
  /** Has them tried anew from now on, and answers with which; `InvalidArgumentError` where one is not there, or was delivered. */
  retryDeliveries(which: readonly string[] | { dead: true }): Promise<string[]>;
  /** How many tasks are in which state. */
  summary(): Promise<Summary>;
  /** What the store can be watched by, in the text format of Prometheus. It only looks, as `feed` does. */
  metrics(): Promise<string>;
  /** What is submitted by itself when its time has come. */
  readonly schedules: ScheduleVerbs;
  /** Ends what this process does for them; what workers elsewhere run goes on. */
  close(): Promise<void>;
}

/** Who is told of a task by this process, while it lives and the client is open. */
export interface Attendance {
  /** Called once, when the task has ended in any way; that counts as having read its outcome. */
  onComplete?: ((task: Task) => void) | undefined;
  /** Called with what the recipe tells by `ctx.progress`; frequent calls are merged, the last one counts. */
  onProgress?: ((fraction: number, message?: string, data?: unknown) => void) | undefined;
  /** Aborting it cancels the task. */
  signal?: AbortSignal | undefined;
}

/** What only the process that works on the store itself can do: it is told of tasks, has their code, and the file. */
export interface LocalVerbs {
  /** What the configuration says here. */
  readonly config: Config;
  /** The store's file itself: whether it is whole, copies of it, and its schema. */
  readonly file: StoreFile;
  /** Tells of a task what there is to tell; keeps no process alive. */
  attend(id: string, attendance: Attendance): Promise<void>;
  /**
   * Has the handler take the events of all tasks, in order and at least once, from where the consumer of that name is, in one
   * process at a time. While it throws it is given the same events again, after 1 s, and twice as long each time, up to 60 s.
   * The cursor is kept in the store, and holds back no clean-up. Keeps the process alive, until it is stopped or all is closed.
   */
  consume(name: string, options: ConsumeOptions, handler: FeedHandler<FeedEventJson>): Consuming;
  /** What the code of a task threw last, when it ran in this process and not long ago. */
  thrownBy(id: string): { value: unknown } | undefined;
  /** The reason of the signal that cancelled a task, when that was here and not long ago. */
  abortedWith(id: string): { value: unknown } | undefined;
  /** Sends a message that is of no task to an address, now, to try its channel. `InvalidArgumentError` where it is none. */
  testChannel(address: string): Promise<ChannelTest>;
  /**
   * Tells what is due by the channels whose variables this process has, until the signal is aborted; with `once` what is due now.
   * Answers how often it was tried.
   */
  tellDue(options: { once?: boolean; signal: AbortSignal }): Promise<number>;
  /** Runs a worker in this process until it is idle for long enough or told to stop. */
  work(options?: WorkOptions): Promise<void>;
  /** Starts a worker in this process, beside what the process does. */
  startWork(options?: AppWorkOptions): Promise<Worker>;
}
