import { InvalidArgumentError } from '../errors/index.ts';
import { taskFromJson } from '../wire/convert.ts';
import type { Task, TaskStatus } from '../wire/task.ts';
import type { ClientOptions } from './context.ts';
import { type BackgroundTaskHandle, type HandleWaitOptions, makeHandle, waitForResult } from './handle.ts';
import { openVerbs } from './open.ts';
import type { ClearFilter, Duration, ListFilter, SubmitRequest, Summary, Verbs } from './verbs.ts';

/** What to run: a recipe with its input and how it runs. `timeoutSec` is another name of `timeout`. */
export interface TaskSpec extends SubmitRequest {
  timeoutSec?: number | string | null;
}

/** One page of tasks, newest first. */
export interface TaskList {
  tasks: Task[];
  total: number;
  /** False when counting stopped at 10,000. */
  totalExact: boolean;
  counts: Record<TaskStatus, number>;
  /** Give it as `after` to get the next page; absent on the last. */
  next?: string;
}

/** The tasks of one store. Every answer is the truth at that moment, whichever process did the work. */
export interface Client {
  /** Resolves when the task is durable; a worker is started when none lives. */
  submit<Result = unknown>(spec: TaskSpec): Promise<BackgroundTaskHandle<Result>>;
  /** One commit, all or none. */
  submitMany(specs: readonly TaskSpec[]): Promise<BackgroundTaskHandle[]>;
  /** A handle of a task that is known by its id. No I/O. */
  handle<Result = unknown>(id: string): BackgroundTaskHandle<Result>;
  get(id: string): Promise<Task | undefined>;
  list(filter?: ListFilter): Promise<TaskList>;
  wait(id: string, timeout?: Duration | HandleWaitOptions): Promise<unknown>;
  cancel(id: string, reason?: string): Promise<boolean>;
  /** Removes terminal tasks, with `all` live ones too; answers how many. */
  clear(filter?: Omit<ClearFilter, 'dryRun'>): Promise<number>;
  summary(): Promise<Summary>;
  /** Closes the store; tasks run on. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens the client of a store: a path, or the one that `offstage` finds from the working directory. Nothing is opened or
 * made before the first verb. `worker: 'none'` never starts a worker.
 */
export async function openBackground(store?: string, options: Pick<ClientOptions, 'worker'> = {}): Promise<Client> {
  const { worker = 'detached' } = options;
  if (worker !== 'detached' && worker !== 'none') {
    throw new InvalidArgumentError(`worker: got ${JSON.stringify(worker)}, expected "detached" or "none"`);
  }
  return makeClient(await openVerbs({ worker, ...(store === undefined ? {} : { store }) }));
}

/** Wraps the verbs in the TypeScript API. */
export function makeClient(verbs: Verbs): Client {
  const submitMany = async (specs: readonly TaskSpec[]) => {
    const tasks = await verbs.submit(specs.map(requestOf));
    return tasks.map((task) => makeHandle(verbs, task.task_id, task));
  };
  return {
    submit: async <Result>(spec: TaskSpec) => (await submitMany([spec]))[0] as BackgroundTaskHandle<Result>,
    submitMany,
    handle: (id) => makeHandle(verbs, id),
    get: (id) => getOrUndefined(verbs, id),
    list: async (filter) => {
      const { tasks, total, total_exact, counts, next } = await verbs.list(filter);
      const more = next === null ? {} : { next };
      return { tasks: tasks.map(taskFromJson), total, totalExact: total_exact, counts, ...more };
    },
    wait: (id, timeout) => waitForResult(verbs, id, timeout),
    cancel: async (id, reason) => (await verbs.cancel(id, reason === undefined ? {} : { reason })).cancelled,
    clear: async (filter) => (await verbs.clear(filter)).cleared,
    summary: () => verbs.summary(),
    close: () => verbs.close(),
    [Symbol.asyncDispose]: () => verbs.close(),
  };
}

async function getOrUndefined(verbs: Verbs, id: string): Promise<Task | undefined> {
  try {
    return taskFromJson(await verbs.get(id));
  } catch (error) {
    if ((error as { code?: string }).code === 'task_not_found') return undefined;
    throw error;
  }
}

/** Folds the two names of one option into one. */
export function requestOf(spec: TaskSpec): SubmitRequest {
  if (!('timeoutSec' in spec)) return spec;
  const { timeoutSec, ...request } = spec;
  if (timeoutSec === undefined) return request;
  if (request.timeout !== undefined && request.timeout !== timeoutSec) {
    throw new InvalidArgumentError(
      `timeout and timeoutSec: got ${request.timeout} and ${timeoutSec}, expected one of them or the same value`,
    );
  }
  return { ...request, timeout: timeoutSec };
}
