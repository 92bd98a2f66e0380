import { parseDuration } from '../core/index.ts';
import { isTerminal, type TaskJson } from '../wire/task.ts';
import type { Context } from './context.ts';
import { glance, look } from './read.ts';
import { ensureWorker } from './submit.ts';
import type { Duration } from './verbs.ts';

/** What is due is decided this often while somebody waits, in milliseconds. */
const DECIDE_EVERY = 1_000;
/** The longest time that one timer can take, in milliseconds. */
const MAX_TIMER = 2 ** 31 - 1;

export interface WaitOptions {
  timeout?: Duration;
  signal?: AbortSignal;
}

/** Waits until the task is terminal or the time is over. Changes nothing: when it expires, the task runs on. */
export async function wait(
  context: Context,
  id: string,
  options: WaitOptions = {},
): Promise<{ task: TaskJson; wait_status: 'ok' | 'timeout' }> {
  await waitUntil(context, id, ({ status }) => isTerminal(status), options);
  const task = await look(context, id);
  return { task, wait_status: isTerminal(task.status) ? 'ok' : 'timeout' };
}

/** Looks at the task after every commit, and once a second, until it is as wanted or the time is over. */
export async function waitUntil(
  context: Context,
  id: string,
  wanted: (task: TaskJson) => boolean,
  { timeout, signal }: WaitOptions,
): Promise<void> {
  signal?.throwIfAborted();
  const end = performance.now() + (timeout === undefined ? Number.POSITIVE_INFINITY : waitMs(timeout));
  await context.run('due', {});
  let task = await glance(context, id);
  if (wanted(task) || performance.now() >= end) return;
  const bell = new Bell(await context.store(), signal);
  try {
    task = await glance(context, id); // a commit before the bell was hung up has not rung it
    for (let decided = performance.now(); !wanted(task) && performance.now() < end; ) {
      if (task.status === 'pending') await ensureWorker(context, id);
      await bell.rings(Math.min(DECIDE_EVERY, end - performance.now()));
      if (performance.now() - decided >= DECIDE_EVERY) {
        await context.run('due', {});
        decided = performance.now();
      }
      task = await glance(context, id);
    }
  } finally {
    bell.close();
  }
}

function waitMs(timeout: Duration): number {
  return timeout === Number.POSITIVE_INFINITY ? timeout : parseDuration(timeout, 'timeout') * 1000;
}

/** Rings when any process has committed; a ring while nobody listens is kept for the next one who does. */
class Bell {
  readonly #unwatch: () => void;
  readonly #signal: AbortSignal | undefined;
  #rung = false;
  #wake: (() => void) | undefined;

  constructor(store: { watch(listener: () => void): () => void }, signal: AbortSignal | undefined) {
    this.#signal = signal;
    this.#unwatch = store.watch(() => this.#ring());
    signal?.addEventListener('abort', this.#ring);
  }

  /** Resolves at the next ring, or after so many milliseconds. Rejects with the signal's reason. */
  async rings(within: number): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(Math.max(within, 0), MAX_TIMER));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#rung = false;
    this.#wake = undefined;
    this.#signal?.throwIfAborted();
  }

  readonly #ring = (): void => {
    this.#rung = true;
    this.#wake?.();
  };

  close(): void {
    this.#unwatch();
    this.#signal?.removeEventListener('abort', this.#ring);
  }
}
