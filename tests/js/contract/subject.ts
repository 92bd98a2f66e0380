/** `BackgroundRunner` on a virtual clock. The work of each task is a puppet. */
import { NonRetryableError } from '#offstage/errors/index.js';
import {
  BackgroundRunner,
  type RunnerOptions,
  type RunnerTaskHandle,
  type TaskContext,
} from '#offstage/runner/index.js';
import { EPOCH, VirtualClock } from './clock.ts';
import type { Stage } from './run.ts';
import type { Facts, Spec, Step } from './scenario.ts';
import { why } from './why.ts';

/** The work of the execution that began last. */
interface Work {
  ctx: TaskContext;
  resolve(): void;
  reject(error: unknown): void;
}

export class Subject implements Stage {
  readonly #clock = new VirtualClock();
  readonly #runner: BackgroundRunner;
  readonly #handles = new Map<string, RunnerTaskHandle>();
  readonly #names = new Map<string, string>();
  readonly #works = new Map<string, Work>();
  #events: { taskId: string; kind: string }[] = [];
  #noticed: string[] = [];
  stopped = false;

  constructor(options: RunnerOptions = {}) {
    this.#runner = new BackgroundRunner({ defaultTimeout: 0, ...options }, this.#clock);
    void this.#listen();
  }

  async #listen(): Promise<void> {
    for await (const event of this.#runner.events()) this.#events.push(event);
  }

  /** What happened since it was asked last. */
  take(): { events: string[]; work: string[] } {
    const events = this.#events.map(({ taskId, kind }) => `${this.#names.get(taskId)} ${kind}`);
    const work = [...new Set(this.#noticed)].sort();
    this.#events = [];
    this.#noticed = [];
    return { events, work };
  }

  /** The name of the task that was there before, if one was. */
  submit(name: string, spec: Spec = {}, parent?: string, key?: string): string | undefined {
    const { runAt, ...rest } = spec;
    const options = { name, ...rest, ...(runAt === undefined ? {} : { runAt: new Date(EPOCH + runAt) }) };
    const fn = (ctx: TaskContext): Promise<void> => this.#work(name, ctx);
    const handle =
      parent === undefined
        ? this.#runner.submit(fn, options)
        : this.#workOf(parent).ctx.submit(fn, key === undefined ? options : { ...options, key });
    const known = this.#names.get(handle.taskId);
    if (known !== undefined) return known;
    this.#names.set(handle.taskId, name);
    this.#handles.set(name, handle as RunnerTaskHandle);
    return undefined;
  }

  #work(name: string, ctx: TaskContext): Promise<void> {
    ctx.signal.addEventListener('abort', () => this.#noticed.push(`${name} aborted ${why(ctx.signal.reason)}`));
    return new Promise((resolve, reject) => this.#works.set(name, { ctx, resolve, reject }));
  }

  #workOf(name: string): Work {
    const work = this.#works.get(name);
    if (work === undefined) throw new Error(`'${name}' never started`);
    return work;
  }

  #handle(name: string): RunnerTaskHandle {
    const handle = this.#handles.get(name);
    if (handle === undefined) throw new Error(`no task '${name}' was submitted`);
    return handle;
  }

  succeed(name: string): void {
    this.#workOf(name).resolve();
  }

  fail(name: string, message: string, retryable: boolean): void {
    this.#workOf(name).reject(retryable ? new Error(message) : new NonRetryableError(message));
  }

  stopWork(name: string): void {
    const { ctx, reject } = this.#workOf(name);
    reject(ctx.signal.reason);
  }

  ask(name: string, key: string, expires: number | undefined): void {
    const question = { key, message: 'May I?', ...(expires === undefined ? {} : { expires }) };
    this.#goesOn(name, this.#workOf(name).ctx.requestInput(question));
  }

  awaitChild(name: string, child: string): void {
    this.#goesOn(name, this.#handle(child).wait(), true);
  }

  /** Notes when the work goes on; told to end, it stops to wait for an answer, but has awaited its child. */
  #goesOn(name: string, waits: Promise<unknown>, anyhow = false): void {
    const note = (): void => void this.#noticed.push(`${name} goes on`);
    waits.then(note, anyhow ? note : () => {});
  }

  answer(name: string, key: string, action: 'accept' | 'decline' | 'cancel'): Promise<void> {
    return this.#handle(name).respond(key, { action });
  }

  async cancel(name: string): Promise<void> {
    await this.#handle(name).cancel();
  }

  stop(drain: number): void {
    void this.#runner.stop({ drain }).then(() => {
      this.stopped = true;
    });
  }

  /** What concerns the whole runner. */
  control({ cancel_all, clear, pause, resume, concurrency }: Step): void {
    if (cancel_all) this.#runner.cancelAll();
    if (clear) this.#runner.clearCompleted();
    if (pause) this.#runner.pause();
    if (resume) this.#runner.resume();
    if (concurrency !== undefined) this.#runner.concurrency = concurrency;
  }

  settle(): Promise<void> {
    return this.#clock.settle();
  }

  advance(ms: number): Promise<void> {
    return this.#clock.advance(ms);
  }

  stepWall(ms: number): void {
    this.#clock.stepWall(ms);
  }

  task(name: string): Record<keyof Facts, unknown> | undefined {
    const task = this.#runner.get(this.#handle(name).taskId);
    if (task === undefined) return undefined;
    const { status, attempt, error, taskStatus } = task;
    return { status, attempt, code: error?.code, abandoned: taskStatus.signals.includes('abandoned') };
  }

  counts(): Record<string, number> {
    return { ...this.#runner.summary() };
  }
}
