import { InvalidArgumentError, invalid, WaitTimeoutError } from '../errors/index.ts';
import type { SubmittedBriefly } from '../wire/answers.ts';
import { checkId, checkKeys, checkObject } from '../wire/check.ts';
import { eventFromJson, taskFromJson } from '../wire/convert.ts';
import type { EventOptions, TaskEvent } from '../wire/event.ts';
import { only } from '../wire/only.ts';
import { outcomeOf } from '../wire/outcome.ts';
import { outputStream } from '../wire/output-stream.ts';
import type { WaitManyOptions } from '../wire/requests.ts';
import { isTerminal, type Task, type TaskJson } from '../wire/task.ts';
import type { BackgroundTaskHandle, Duration, HandleWaitOptions } from '../wire/task-handle.ts';
import { isThrown } from '../wire/thrown.ts';
import type { Verbs } from './verbs.ts';

export { outcomeOf as outcome } from '../wire/outcome.ts';
export type { BackgroundTaskHandle, HandleWaitOptions } from '../wire/task-handle.ts';

/** Makes a handle out of an id, and of the task where it is at hand. No I/O. */
export function makeHandle<Result>(verbs: Verbs, id: string, task?: SubmittedBriefly): BackgroundTaskHandle<Result> {
  const sessionId = task?.session_id;
  return {
    taskId: id,
    id,
    name: task?.name ?? '',
    recipeName: task?.recipe ?? '',
    ...(sessionId == null ? {} : { sessionId }),
    taskSessionId: `bg:${id}`,
    deduplicated: task?.deduplicated ?? false,
    status: async () => only(await verbs.get([id])).status,
    wait: (timeout) => waitForResult(verbs, id, timeout) as Promise<Result>,
    cancel: async (reason, options) => {
      if (options !== undefined) checkObject('options', options, CANCEL_KEYS);
      const how = { ...(reason === undefined ? {} : { reason }), stopped: options?.stopped ?? false };
      return only(await verbs.cancel([id], how)).cancelled;
    },
    snapshot: async () => taskFromJson(only(await verbs.get([id]))) as Task<Result>,
    events: (options) => eventsOf(verbs, id, options),
    stream: (options) => outputStream(sourceOf(verbs, id), options),
    respond: async (key, answer) => void (await verbs.respond(id, key, answer)),
  };
}

const sourceOf = (verbs: Verbs, id: string) => ({
  events: (options: EventOptions) => eventsOf(verbs, id, options),
  wait: () => waitForResult(verbs, id),
});

const WAIT_KEYS: Record<keyof HandleWaitOptions, true> = { timeout: true, signal: true };
const WAIT_MANY_KEYS: Record<keyof WaitManyOptions, true> = { any: true, timeout: true, signal: true };
const CANCEL_KEYS = { stopped: true };
const EVENT_KEYS: Record<keyof EventOptions, true> = { after: true, follow: true, signal: true };

/** The events of a task; nothing is read before somebody asks for the first one. */
export async function* eventsOf(
  verbs: Verbs,
  id: string,
  options: EventOptions = {},
): AsyncGenerator<TaskEvent, void, undefined> {
  checkId(id);
  checkObject('options', options, EVENT_KEYS);
  const { after, follow = false, signal } = options;
  if (follow) {
    for await (const event of verbs.follow([{ id, after: after ?? 0 }], { signal })) yield eventFromJson(event);
    return;
  }
  for (let cursor = after; !signal?.aborted; ) {
    const { events, tasks } = await verbs.events([id], { limit: PAGE, after: cursor });
    for (const event of events) {
      if (signal?.aborted) return;
      yield eventFromJson(event);
    }
    if (events.length < PAGE) return;
    cursor = only(tasks).next_after;
  }
}

/** So many events are held at once. */
const PAGE = 500;

/** Waits for the outcome and turns it into a value or an error. */
export async function waitForResult(
  verbs: Verbs,
  id: string,
  limit?: Duration | HandleWaitOptions | null,
): Promise<unknown> {
  checkId(id);
  const options = waitOptions<HandleWaitOptions>(limit, WAIT_KEYS);
  const waited = await verbs.outcome(id, options);
  if (waited.came === 'completed') return waited.result;
  if (waited.came === 'timeout') throw new WaitTimeoutError(id, options.timeout ?? 0, waited.problem);
  const { task } = waited;
  return outcomeOf(task, task.status === 'cancelled' ? verbs.abortedWith(id) : originalOf(verbs, task));
}

/** Waits for several; what became of each is in its task. */
export async function waitForAll(
  verbs: Verbs,
  ids: readonly string[],
  limit?: Duration | WaitManyOptions | null,
): Promise<Task[]> {
  const options = waitOptions<WaitManyOptions>(limit, WAIT_MANY_KEYS);
  for (const id of ids) if (typeof id !== 'string') throw invalid('ids', id, 'a list of task ids');
  if (options.any !== undefined && typeof options.any !== 'boolean') throw invalid('any', options.any, 'true or false');
  const { any, timeout, signal } = options;
  const { tasks, wait_status, problem } = await verbs.wait(ids, { any, timeout, signal });
  if (wait_status === 'ok') return tasks.map(taskFromJson);
  const left = tasks.filter(({ status }) => !isTerminal(status)).map(({ task_id }) => task_id);
  throw new WaitTimeoutError(left, timeout ?? 0, problem);
}

/** What was thrown here, if that is what the task failed with: it may have been an earlier attempt. */
function originalOf(verbs: Verbs, { task_id, error }: TaskJson): { value: unknown } | undefined {
  if (!isThrown(error)) return undefined;
  const original = verbs.thrownBy(task_id);
  const message = (original?.value as Partial<Error> | null | undefined)?.message;
  return message === error?.message ? original : undefined;
}

function waitOptions<Options extends object>(limit: Duration | Options | null | undefined, keys: object): Options {
  if (limit === undefined) return {} as Options;
  if (typeof limit === 'number' || typeof limit === 'string') return { timeout: limit } as unknown as Options;
  if (typeof limit === 'object' && limit !== null) {
    checkKeys(limit, keys);
    return limit;
  }
  throw new InvalidArgumentError(`timeout: got ${String(limit)}, expected seconds, a text such as "90s", or options`);
}
