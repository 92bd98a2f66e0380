import { invalid } from '../errors/index.ts';
import type { Codec } from '../ports/codec.ts';
import type { Hooks } from '../ports/hooks.ts';
import type { Recipe } from '../ports/recipe.ts';
import type { Attendance, WakeRequest } from '../ports/verbs.ts';
import type { AppWorkOptions, Worker } from '../ports/worker.ts';
import { isSignal } from '../wire/abort.ts';
import type { RecoveryJson, SubmittedBriefly, Summary } from '../wire/answers.ts';
import { checkId, checkKeys, checkNoMore, checkObject } from '../wire/check.ts';
import { taskFromJson } from '../wire/convert.ts';
import type { Answer, EventOptions, TaskEvent } from '../wire/event.ts';
import {
  type ConsumeOptions,
  type Consuming,
  type FeedEvent,
  type FeedHandler,
  type FeedOptions,
  feedEventFromJson,
} from '../wire/feed.ts';
import type { AsyncDisposing } from '../wire/globals.ts';
import type { Jsonify } from '../wire/jsonify.ts';
import { only } from '../wire/only.ts';
import { feedOf } from '../wire/read-feed.ts';
import type {
  ClearFilter,
  ListFilter,
  RecoverOptions,
  RetryOptions,
  SubmitOnce,
  UpdateChange,
  WaitManyOptions,
} from '../wire/requests.ts';
import type { Task, TaskStatus } from '../wire/task.ts';
import type { Duration } from '../wire/task-handle.ts';
import {
  type BackgroundTaskHandle,
  eventsOf,
  type HandleWaitOptions,
  makeHandle,
  waitForAll,
  waitForResult,
} from './client-handle.ts';
import { checkedCodecs } from './codecs.ts';
import { checkedHooks } from './hooks.ts';
import { openVerbs } from './open.ts';
import { makeSchedules, type Schedules } from './schedule/schedules.ts';
import type { WorkerMode } from './verb-context.ts';
import { requestOf, SPEC_KEYS } from './verbs/request.ts';
import type { SubmitRequest, Verbs } from './verbs.ts';

/** How a client works. */
export interface OpenOptions {
  /** Who runs what is submitted. Default `'detached'`; of a store in memory, which no other process can see, `'app'`. */
  worker?: WorkerMode | undefined;
  /**
   * What inputs, results and steps go through before they are stored, in this client and the workers of this process; of a
   * list the first one encodes, all decode. Whoever else works on the store needs it too. Default: that which the
   * configuration names, else none.
   */
  codec?: Codec | readonly Codec[] | undefined;
  /**
   * Told of every submit of this client and of every attempt of its workers in this process; detached workers have those of
   * the configuration. Default: those that the configuration names.
   */
  hooks?: readonly Hooks[] | undefined;
}

const ONCE_KEYS: Record<keyof SubmitOnce, true> = { requestKey: true };

const OPEN_KEYS: Record<keyof OpenOptions, true> = { worker: true, codec: true, hooks: true };

/** How to run a task, whatever it is. `timeoutSec` is another name of `timeout`. */
export interface TaskOptions
  extends Omit<SubmitRequest, 'recipe' | 'command' | 'cwd' | 'input' | 'onComplete'>,
    Omit<Attendance, 'onComplete'> {
  /**
   * A function is called once by this process, when the task has ended in any way; that counts as having read its outcome.
   * `{ submit }` is stored with the task, and submitted by the commit of its end.
   */
  onComplete?: Attendance['onComplete'] | WakeRequest;
  /** The same as `timeout`. */
  timeoutSec?: Duration | null | undefined;
}

/** A task of a recipe that is a folder, or of a recipe in code that this client has, by name. */
export interface NamedTask extends TaskOptions {
  /** A recipe's name, or a path that is absolute or begins with `./`. */
  recipe: string;
  /** JSON of at most 16 MiB. For a folder an object; anything else arrives as `{ input: … }`. */
  input?: unknown;
}

/** A task of a recipe in code: the input is what the recipe takes, and may be left out only if that may be undefined. */
export type CodeTask<I = unknown, O = unknown> = TaskOptions & { recipe: Recipe<I, O> } & (undefined extends I
    ? { input?: I | undefined }
    : { input: I });

/**
 * A task of a program that has no recipe: in this folder, with this environment, all of it, and without a timeout unless one
 * is given. Its input, if any, is on stdin: a text as it is, anything else as JSON. Its result is the last line of stdout
 * where that is JSON, else all of stdout.
 */
export interface CommandTask extends Omit<TaskOptions, 'config'> {
  /** The program, found as a shell finds it, and its arguments. No shell reads them. */
  command: readonly string[];
  /** Where it runs. Default: the working folder. */
  cwd?: string | undefined;
  /** Its stdin: a text as it is, anything else as JSON. Default: nothing. */
  input?: unknown;
}

/** What to run: a recipe, or a command, with its input and how it runs. */
export type TaskSpec<I = unknown, O = unknown> = NamedTask | CodeTask<I, O> | CommandTask;

/** What became of a task that was to be recovered. */
export interface Recovery extends Pick<RecoveryJson, 'result' | 'status'> {
  /** Which task. */
  taskId: string;
}

/** One page of tasks, newest first. */
export interface TaskList {
  /** At most `pageSize`. */
  tasks: Task[];
  /** How many there are of the filter. */
  total: number;
  /** False when counting stopped at 10,000. */
  totalExact: boolean;
  /** How many there are of each status, whatever the filter. */
  counts: Record<TaskStatus, number>;
  /** Give it as `after` to get the next page; absent on the last. */
  next?: string;
  /** With `relatives`: there are more than `tasks` has. */
  cut?: true;
}

/** The tasks of one store. Every answer is the truth at that moment, whichever process did the work. */
export interface Client extends AsyncDisposing {
  /**
   * Resolves when the task is durable; a worker is started when none can run it. A recipe in code is run by this process,
   * also after an answer or a restart: then once it is submitted or worked on again.
   *
   * Rejects with `RecipeNotFoundError`, `RecipeValidationError` (also for input that does not fit), `RecipePolicyError`,
   * `ProgramNotFoundError` (of a command), `ConflictError` (session, idempotency key, parent) and `InvalidArgumentError`, and with the reason of a `signal` that
   * is aborted already. Nothing is stored then.
   */
  submit<I, O>(spec: CodeTask<I, O>, how?: SubmitOnce): Promise<BackgroundTaskHandle<Jsonify<O>>>;
  submit<Result = unknown>(spec: NamedTask | CommandTask, how?: SubmitOnce): Promise<BackgroundTaskHandle<Result>>;
  submit<I, O>(spec: TaskSpec<I, O>, how?: SubmitOnce): Promise<BackgroundTaskHandle<Jsonify<O>>>;
  /** One commit, all or none. */
  submitMany(specs: readonly TaskSpec[], how?: SubmitOnce): Promise<BackgroundTaskHandle[]>;
  /** A handle of a task that is known by its id. No I/O. `InvalidArgumentError` here and in all that follow for an id that is no text. */
  handle<Result = unknown>(id: string): BackgroundTaskHandle<Result>;
  /** Undefined when there is no such task, or it was dropped. */
  get(id: string): Promise<Task | undefined>;
  /** A page of tasks, newest first. */
  list(filter?: ListFilter): Promise<TaskList>;
  /** `handle(id).wait(timeout)`. */
  wait(id: string, timeout?: Duration | HandleWaitOptions): Promise<unknown>;
  /**
   * Waits until all of them have ended, with `any` until the first has, and resolves with all as they are then, in the order
   * given: with `any` some may still run. A task that failed or was cancelled rejects nothing, its `status` and `error` say
   * so. One look a commit serves all, however many they are.
   *
   * Rejects with `WaitTimeoutError` when the time is over (`details.task_ids`: those that have not ended, which run on),
   * `TaskNotFoundError` at once when an id is unknown, `InvalidArgumentError` for what is no list of ids, or for `any` of
   * none, and the reason of a `signal` that is aborted.
   */
  wait(ids: readonly string[], options?: Duration | WaitManyOptions): Promise<Task[]>;
  /** False when it had ended. An unknown id is a `TaskNotFoundError` here and in all that follow. */
  cancel(id: string, reason?: string): Promise<boolean>;
  /** What happened to a task, in order; with `follow` until it has ended and its work has stopped. */
  events(id: string, options?: EventOptions): AsyncIterable<TaskEvent>;
  /**
   * The events of all tasks in the order of their commits; with `follow` until the signal is aborted. For who looks only:
   * nothing counts as seen, nothing is cleaned up, no worker is started. Rejects with `FeedResetError` where it does not go
   * on from its cursor: then `list` again, and go on from the error's `next`.
   */
  feed(options?: FeedOptions): AsyncIterable<FeedEvent>;
  /**
   * Has the handler take what happens to all tasks, in order and at least once: the consumer of that name goes on where it
   * was, also after a restart, in one process at a time. While the handler throws it is given the same events again, after
   * 1 s, then twice as long each time, up to 60 s; none is skipped. Its cursor holds back no clean-up: a task that was cleared
   * has taken its events along, and is told as `cleared`. Keeps the process alive until it is stopped or the client closed.
   */
  consume(name: string, options: ConsumeOptions, handler: FeedHandler): Consuming;
  /**
   * Submits a task that has ended once more, as a new one with `retriedFrom`. `ConflictError` for a live one, unless it is
   * held since its code has changed: that one is cancelled.
   */
  retry(id: string, options?: RetryOptions): Promise<BackgroundTaskHandle>;
  /**
   * Has a live task go on with the code that is there when it starts next, whatever its version, with the results of steps
   * and the answers that it has. `ConflictError` for one that has ended.
   */
  update(id: string, change: UpdateChange): Promise<void>;
  /** Answers a request of a task; as `handle.respond`. */
  respond(id: string, key: string, answer: Answer): Promise<void>;
  /**
   * Decides now what waiting would decide later: takes an overdue attempt away (`force`: any running one), kills what
   * works for it where that is local, and applies `onLost` (`retry`: puts the task back to pending). A task that has
   * ended is `skipped_not_recoverable`; `retry` it.
   */
  recover(id: string | { all: true }, options?: RecoverOptions): Promise<Recovery[]>;
  /** Removes terminal tasks, with `all` live ones too; answers how many. */
  clear(filter?: Omit<ClearFilter, 'dryRun'>): Promise<number>;
  /** How many tasks there are of each status, and how many executions were ever given up. */
  summary(): Promise<Summary>;
  /**
   * What the store can be watched by, in the text format of Prometheus: for a route such as `/metrics` of the app's own. It only looks:
   * no outcome counts as read. Its histograms count from the first call on.
   */
  metrics(): Promise<string>;
  /** What is submitted by itself when its time has come. */
  readonly schedules: Schedules;
  /** Starts a worker in this process: for recipes in code, or, without `recipes`, for recipes that are folders. */
  work(options?: AppWorkOptions): Promise<Worker>;
  /**
   * Stops the workers in this process in order, with no further time: what they run is handed back as lost to a shutdown,
   * so end your waits first, or `stop(drain)` the worker. Then closes the store; what other workers run goes on.
   */
  close(): Promise<void>;
}

/** Opens the client of a store; `api.ts` says how. */
export async function openBackground(store?: string, options: OpenOptions = {}): Promise<Client> {
  checkObject('options', options, OPEN_KEYS);
  const isInMemory = store === ':memory:';
  const { worker = isInMemory ? 'app' : 'detached' } = options;
  if (worker !== 'app' && worker !== 'none' && (isInMemory || worker !== 'detached')) {
    throw invalid(
      'worker',
      worker,
      isInMemory ? '"app" or "none", with a store in memory' : '"detached", "app" or "none"',
    );
  }
  const hooks = options.hooks === undefined ? {} : { hooks: checkedHooks(options.hooks) };
  const codecs = options.codec === undefined ? {} : { codecs: checkedCodecs(options.codec) };
  return makeClient(await openVerbs({ worker, ...hooks, ...codecs, ...(store === undefined ? {} : { store }) }));
}

/** Wraps the verbs in the TypeScript API. */
export function makeClient(verbs: Verbs): Client {
  return {
    submit: <Result>(spec: TaskSpec, how?: SubmitOnce) => submitOne<Result>(verbs, spec, how),
    submitMany: (specs, how) => submitAll(verbs, specs, how),
    handle: (id) => makeHandle(verbs, checkId(id)),
    get: (id) => getOrUndefined(verbs, id),
    list: async (filter) => {
      const { tasks, total, total_exact, counts, next, cut } = await verbs.list(filter);
      const more = { ...(next === null ? {} : { next }), ...(cut === undefined ? {} : { cut }) };
      return { tasks: tasks.map(taskFromJson), total, totalExact: total_exact, counts, ...more };
    },
    wait: waitOf(verbs),
    cancel: async (id, reason, ...more: unknown[]) => {
      checkNoMore('cancel', more); // `stopped` is an option of a handle's
      return only(await verbs.cancel([checkId(id)], { reason })).cancelled;
    },
    events: (id, options) => eventsOf(verbs, id, options),
    feed: (options) => feedOf(verbs, options),
    consume: (name, options, handler) =>
      verbs.consume(name, options, (events, context) => handler(events.map(feedEventFromJson), context)),
    retry: async (id, options, ...more: unknown[]) => {
      checkNoMore('retry', more);
      return handleOf(verbs, await verbs.retry(checkId(id), options));
    },
    update: async (id, change) => void (await verbs.update(checkId(id), change)),
    respond: async (id, key, answer) => void (await verbs.respond(checkId(id), key, answer)),
    recover: async (which, options) =>
      (await verbs.recover(which, options)).map(({ task_id, result, status }) => ({ taskId: task_id, result, status })),
    clear: async (filter) => (await verbs.clear(filter)).cleared,
    summary: () => verbs.summary(),
    metrics: () => verbs.metrics(),
    schedules: makeSchedules(verbs),
    work: (options) => verbs.startWork(options),
    close: () => verbs.close(),
    [Symbol.asyncDispose]: () => verbs.close(),
  };
}

function waitOf(verbs: Verbs): Client['wait'] {
  const wait = (which: string | readonly string[], options?: Duration | WaitManyOptions) =>
    Array.isArray(which) ? waitForAll(verbs, which, options) : waitForResult(verbs, which as string, options);
  return wait as Client['wait'];
}

const handleOf = (verbs: Verbs, task: SubmittedBriefly) => makeHandle(verbs, task.task_id, task);

/** Submits; then this process attends to it, if that is asked for. */
async function submitOne<Result>(
  verbs: Verbs,
  spec: TaskSpec,
  how: SubmitOnce = {},
): Promise<BackgroundTaskHandle<Result>> {
  checkObject('options', how, ONCE_KEYS);
  const { request, attendance } = attendanceOf(spec);
  attendance?.signal?.throwIfAborted();
  const task = only(await verbs.submitBriefly([request], how));
  if (attendance !== undefined) await attendTo(verbs, task, attendance);
  return makeHandle<Result>(verbs, task.task_id, task);
}

/** The same of several, in one commit. */
async function submitAll(
  verbs: Verbs,
  specs: readonly TaskSpec[],
  how: SubmitOnce = {},
): Promise<BackgroundTaskHandle[]> {
  checkObject('options', how, ONCE_KEYS);
  if (!Array.isArray(specs)) throw invalid('specs', specs, 'an array');
  const split: ReturnType<typeof attendanceOf>[] = specs.map(attendanceOf);
  for (const { attendance } of split) attendance?.signal?.throwIfAborted();
  const tasks = await verbs.submitBriefly(
    split.map(({ request }) => request),
    how,
  );
  const attend = ({ attendance }: (typeof split)[number], index: number) =>
    attendance === undefined ? [] : attendTo(verbs, tasks[index] as SubmittedBriefly, attendance);
  await Promise.all(split.flatMap(attend));
  return tasks.map((task) => handleOf(verbs, task));
}

/** What was there before, under its key, keeps the signal of its own submit. */
const attendTo = (verbs: Verbs, { task_id, deduplicated }: SubmittedBriefly, attendance: Attendance) =>
  verbs.attend(task_id, deduplicated ? heardOnly(attendance) : attendance);

/** A task that was there already belongs to others as well: this signal does not cancel it. */
function heardOnly({ signal: _, ...callbacks }: Attendance): Attendance {
  return callbacks;
}

const KEYS: Record<keyof NamedTask | keyof CommandTask, true> = SPEC_KEYS;

/** Parts what is stored from what this process does about the task. */
function attendanceOf(spec: TaskSpec): { request: SubmitRequest; attendance?: Attendance } {
  if (typeof spec !== 'object' || spec === null)
    throw invalid('spec', spec, 'an object with the recipe, or the command');
  checkKeys(spec, KEYS);
  const { onComplete: whom, onProgress, signal, ...rest } = spec;
  const isTask = typeof whom === 'object' && whom !== null;
  const onComplete = isTask ? undefined : whom;
  if (onComplete !== undefined && typeof onComplete !== 'function') {
    throw invalid('onComplete', onComplete, 'a function, or an object with what to submit');
  }
  const request = requestOf(isTask ? { ...rest, onComplete: whom } : rest);
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw invalid('onProgress', onProgress, 'a function');
  if (signal !== undefined && !isSignal(signal)) throw invalid('signal', signal, 'an AbortSignal');
  if (onComplete === undefined && onProgress === undefined && signal === undefined) return { request };
  const attendance: Attendance = {
    ...(onComplete === undefined ? {} : { onComplete }),
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  };
  return { request, attendance };
}

async function getOrUndefined(verbs: Verbs, id: string): Promise<Task | undefined> {
  try {
    return taskFromJson(only(await verbs.get([checkId(id)])));
  } catch (error) {
    if ((error as { code?: string }).code === 'task_not_found') return undefined;
    throw error;
  }
}
