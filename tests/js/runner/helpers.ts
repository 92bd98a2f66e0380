/** What the tests of the runner share. */
import type { BackgroundRunner, RunnerTaskHandle, TaskContext } from '#offstage/runner/index.js';
import type { EventKind, TaskEvent } from '#offstage/wire/event.js';

/** A promise that the test settles. */
export interface Gate<T = void> {
  promise: Promise<T>;
  open(value: T): void;
  fail(error: unknown): void;
}

export function gate<T = void>(): Gate<T> {
  let open!: (value: T) => void;
  let fail!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    open = yes;
    fail = no;
  });
  promise.catch(() => {});
  return { promise, open, fail };
}

export const never = (): Promise<never> => new Promise<never>(() => {});

/** Ends, with the signal's reason, when it is told to. */
export function untilAborted({ signal }: Pick<TaskContext, 'signal'>): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** How something ended, to be compared. */
export interface Outcome {
  value?: unknown;
  code?: unknown;
  cause?: unknown;
  message?: string;
}

export function outcome(promise: Promise<unknown>): Promise<Outcome> {
  return promise.then(
    (value) => ({ value }),
    (error) => ({ code: error.code ?? error.name, cause: error.cause, message: error.message }),
  );
}

/** Fills in once the promise has settled. */
export function watched(promise: Promise<unknown>): { now: Outcome | undefined } {
  const seen: { now: Outcome | undefined } = { now: undefined };
  outcome(promise).then((result) => {
    seen.now = result;
  });
  return seen;
}

/** Counts who works at once. */
export class Meter {
  now = 0;
  peak = 0;

  enter(): void {
    this.now += 1;
    this.peak = Math.max(this.peak, this.now);
  }

  leave(): void {
    this.now -= 1;
  }

  async during<T>(work: () => T | PromiseLike<T>): Promise<T> {
    this.enter();
    try {
      return await work();
    } finally {
      this.leave();
    }
  }
}

export const KINDS: readonly EventKind[] = [
  'submitted',
  'started',
  'progress',
  'log',
  'output',
  'step',
  'input_requested',
  'input_answered',
  'retry_scheduled',
  'lease_lost',
  'recovered',
  'completed',
  'failed',
  'cancelled',
  'stopped',
  'abandoned',
  'late_result',
];

export const TERMINAL: readonly EventKind[] = ['completed', 'failed', 'cancelled'];

/** Every event of a runner from now on. */
export function record(runner: BackgroundRunner): TaskEvent[] {
  const events: TaskEvent[] = [];
  for (const kind of KINDS) runner.on(kind, (event) => events.push(event));
  return events;
}

export const kindsOf = (events: readonly TaskEvent[], { taskId }: RunnerTaskHandle): EventKind[] =>
  events.filter((event) => event.taskId === taskId).map(({ kind }) => kind);

export async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
