import { invalid, WaitTimeoutError } from '../../errors/index.ts';
import { onAbort } from '../../wire/abort.ts';
import type { Asked } from '../../wire/asked.ts';
import { checkObject } from '../../wire/check.ts';
import { eventFromJson, taskFromJson } from '../../wire/convert.ts';
import type { Answer, EventOptions, TaskEvent } from '../../wire/event.ts';
import { outcomeOf } from '../../wire/outcome.ts';
import { type OutputOptions, type OutputStream, outputStream } from '../../wire/output-stream.ts';
import { checkAnswer } from '../../wire/question.ts';
import type { Task, TaskStatus } from '../../wire/task.ts';
import type { BackgroundTaskHandle, Duration, HandleWaitOptions } from '../../wire/task-handle.ts';
import type { Call, Submitted } from './calls.ts';

const WAIT_KEYS: Record<keyof HandleWaitOptions, true> = { timeout: true, signal: true };
const CANCEL_KEYS = { stopped: true };
const EVENT_KEYS: Record<keyof EventOptions, true> = { after: true, follow: true, signal: true };

/** The run that has submitted it. */
export interface Parent {
  call: Call;
  signal: AbortSignal;
  asked: Asked;
}

/** A child, as the run that submitted it sees it. Everything rejects when that run is told to end, and after it. */
export class ChildHandle<Result = unknown> implements BackgroundTaskHandle<Result> {
  readonly taskId: string;
  readonly name: string;
  readonly recipeName: string;
  readonly sessionId?: string;
  readonly deduplicated: boolean;
  readonly #call: Call;
  readonly #signal: AbortSignal;
  readonly #asked: Asked;

  constructor({ call, signal, asked }: Parent, child: Submitted) {
    this.#call = call;
    this.#signal = signal;
    this.#asked = asked;
    this.taskId = child.taskId;
    this.name = child.name;
    this.recipeName = child.recipeName;
    if (child.sessionId !== null) this.sessionId = child.sessionId;
    this.deduplicated = child.deduplicated;
  }

  get id(): string {
    return this.taskId;
  }

  get taskSessionId(): string {
    return `bg:${this.taskId}`;
  }

  status(): Promise<TaskStatus> {
    return this.#asked.add('status', this.#status());
  }

  snapshot(): Promise<Task<Result>> {
    return this.#asked.add('snapshot', this.#snapshot());
  }

  async #status(): Promise<TaskStatus> {
    return (await this.#call('get', { id: this.id })).status;
  }

  async #snapshot(): Promise<Task<Result>> {
    return taskFromJson(await this.#call('get', { id: this.id, whole: true })) as Task<Result>;
  }

  /**
   * Meanwhile the slot of the run's task is lent. A wait that its own `signal` ends gives the slot back only when the
   * child has ended. The end of the run does not wait for it.
   */
  wait(limit?: Duration | HandleWaitOptions): Promise<Result> {
    return this.#asked.add('wait', this.#wait(limit), Promise.resolve());
  }

  async #wait(limit?: Duration | HandleWaitOptions): Promise<Result> {
    const { timeout, signal } = waitOptions(limit);
    signal?.throwIfAborted();
    const endless = timeout === undefined || timeout === Number.POSITIVE_INFINITY;
    const waited = this.#call('wait', { id: this.id, ...(endless ? {} : { timeout: finite(timeout) }) });
    const { task, wait_status } = await unless(signal, waited);
    if (wait_status === 'timeout') throw new WaitTimeoutError(this.id, timeout ?? 0);
    return outcomeOf(task) as Result;
  }

  cancel(reason?: string, options: { stopped?: boolean | undefined } = {}): Promise<boolean> {
    return this.#asked.add('cancel', this.#cancel(reason, options));
  }

  async #cancel(reason?: string, options: { stopped?: boolean | undefined } = {}): Promise<boolean> {
    if (reason !== undefined && typeof reason !== 'string') throw invalid('reason', reason, 'a text');
    checkObject('options', options, CANCEL_KEYS);
    return this.#call('cancel', {
      id: this.id,
      ...(reason === undefined ? {} : { reason }),
      ...(options.stopped === undefined ? {} : { stopped: options.stopped }),
    });
  }

  stream<Chunk = unknown>(options: OutputOptions = {}): OutputStream<Chunk> {
    return outputStream(this, options);
  }

  async *events(options: EventOptions = {}): AsyncGenerator<TaskEvent, void, undefined> {
    checkObject('options', options, EVENT_KEYS);
    const { after = 0, follow = false, signal } = options;
    if (!Number.isSafeInteger(after) || after < 0) throw invalid('after', after, 'a whole number from 0');
    for (let cursor = after; !signal?.aborted; ) {
      const call = this.#call('events', { id: this.id, after: cursor, wait: follow });
      const page = await unless(signal, call).catch((error) => {
        if (!signal?.aborted || this.#signal.aborted) throw error;
      });
      for (const event of page?.events ?? []) {
        if (signal?.aborted) return;
        yield eventFromJson(event);
      }
      if (page === undefined || page.over || (!follow && page.events.length === 0)) return;
      cursor = page.next_after;
    }
  }

  respond(key: string, answer: Answer): Promise<void> {
    return this.#asked.add('respond', this.#respond(key, answer));
  }

  async #respond(key: string, answer: Answer): Promise<void> {
    checkAnswer(key, answer);
    await this.#call('respond', { id: this.id, key, answer });
  }
}

function waitOptions(limit: Duration | HandleWaitOptions | undefined): HandleWaitOptions {
  if (limit === undefined) return {};
  if (typeof limit === 'number' || typeof limit === 'string') return { timeout: limit };
  if (typeof limit !== 'object' || limit === null) {
    throw invalid('timeout', limit, 'seconds, a text such as "90s", or options');
  }
  checkObject('options', limit, WAIT_KEYS);
  return limit;
}

/** JSON would make null of what is no number, which is refused in other words. */
function finite(timeout: Duration): Duration {
  if (typeof timeout === 'number' && !Number.isFinite(timeout)) throw invalid('timeout', timeout, 'seconds, 0 or more');
  return timeout;
}

/** The same promise, but that it rejects with the signal's reason as soon as that is aborted. */
function unless<T>(signal: AbortSignal | undefined, promise: Promise<T>): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason);
    if (signal.aborted) aborted();
    const leave = onAbort(signal, aborted);
    promise.then(resolve, reject).finally(leave);
  });
}
