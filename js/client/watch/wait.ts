/** Waiting for tasks: one look after a commit tells of all, and costs what is still waited for. */
import { parseDuration } from '../../core/index.ts';
import { InvalidArgumentError } from '../../errors/argument.ts';
import type { WaitOptions } from '../../ports/verbs.ts';
import type { Store } from '../../store/types.ts';
import type { WaitedAll } from '../../wire/answers.ts';
import { isTerminal, type TaskJson } from '../../wire/task.ts';
import type { Duration } from '../../wire/task-handle.ts';
import { Provider } from '../staff/provider.ts';
import type { VerbContext } from '../verb-context.ts';
import { glanceAll, lookAll } from '../verbs/read.ts';
import { Bell, DECIDE_EVERY, Decisions } from './bell.ts';
import { endsOf } from './ends.ts';
import { waitForOne } from './wait-one.ts';

/**
 * Waits until all have ended, with `any` until one has, or until the time is over. Changes nothing. `TaskNotFoundError`
 * when one is unknown, at once.
 */
export async function wait(
  context: VerbContext,
  given: readonly string[],
  options: WaitOptions = {},
): Promise<WaitedAll> {
  const { any = false, timeout, signal, outcomeOnly = false } = options;
  const ids = [...new Set(given)];
  if (any && ids.length === 0) throw new InvalidArgumentError('ids: got none, expected one or more', { option: 'ids' });
  signal?.throwIfAborted();
  const end = performance.now() + (timeout === undefined ? Number.POSITIVE_INFINITY : waitMs(timeout));
  const [id] = ids;
  if (id !== undefined && ids.length === 1 && options.onLook === undefined) {
    return waitForOne(context, id, { end, signal, outcomeOnly });
  }
  await context.due();
  const wait = new Wait(context, ids, options);
  await wait.look(true);
  if (!wait.isOver && performance.now() < end) await wait.on(end);
  return wait.answer();
}

/** So many are looked at closely each second, of those that still live. */
const MANY = 200;

class Wait {
  readonly #context: VerbContext;
  readonly #ids: readonly string[];
  readonly #options: WaitOptions;
  readonly #provider: Provider;
  /** Those that have ended, whole: what has ended may be cleared while others are waited for. */
  readonly #ended = new Map<string, TaskJson>();
  /** The others, as they were seen last. */
  readonly #live = new Map<string, TaskJson>();
  /** Those that may have ended since the last look. */
  readonly #rung = new Set<string>();
  /** Where among many a thorough look goes on. */
  #next = 0;

  constructor(context: VerbContext, ids: readonly string[], options: WaitOptions) {
    this.#context = context;
    this.#ids = ids;
    this.#options = options;
    this.#provider = new Provider(context);
  }

  get isOver(): boolean {
    return this.#options.any ? this.#ended.size > 0 : this.#ended.size === this.#ids.length;
  }

  /** Looks after every commit, and once a second, until it is over or the time is. */
  async on(end: number): Promise<void> {
    const bell = new Bell(this.#endsOf(await this.#context.store()), { signal: this.#options.signal });
    try {
      await this.look(true); // a commit before the bell was hung up has not rung it
      let next = await this.#provide();
      for (const decisions = new Decisions(); !this.isOver && performance.now() < end; ) {
        await bell.rings(Math.min(DECIDE_EVERY, Math.min(next, end) - performance.now()));
        const isTime = decisions.isTime();
        if (isTime) await this.#context.due();
        const isThorough = isTime || performance.now() >= next || this.#options.onLook !== undefined;
        await this.look(isThorough);
        if (isThorough) next = await this.#provide();
      }
    } finally {
      bell.close();
    }
  }

  /** Who looks on wants to know of all commits, others of ends alone. */
  #endsOf(store: Store): Pick<Store, 'watch'> {
    if (this.#options.onLook !== undefined) return store;
    const ends = endsOf(this.#context);
    const watchOne = (id: string, ring: () => void) =>
      ends.watch(store, id, () => {
        this.#rung.add(id);
        ring();
      });
    return {
      watch: (ring) => {
        const all = [...this.#live.keys()].map((id) => watchOne(id, ring));
        return () => {
          for (const leave of all) leave();
        };
      },
    };
  }

  /** Sees to those that wait for a worker; answers when to do so again, by the monotonic clock. */
  async #provide(): Promise<number> {
    return (await this.#provider.provide([...this.#live.values()])) + performance.now();
  }

  /** Takes those that have ended; a thorough look asks for all of them, and sees what the others do: of many some, in turn. */
  async look(isThorough: boolean): Promise<void> {
    if (!isThorough) return this.#takeEnded([...this.#rung].filter((id) => this.#live.has(id)));
    const left = this.#ids.filter((id) => !this.#ended.has(id));
    for (const task of await glanceAll(this.#context, this.#someOf(left))) this.#live.set(task.task_id, task);
    await this.#takeEnded(left);
    this.#options.onLook?.(this.#tasks());
  }

  #someOf(left: readonly string[]): readonly string[] {
    const unknown = left.filter((id) => !this.#live.has(id));
    if (unknown.length > 0 || left.length <= MANY || this.#options.onLook !== undefined) return left;
    const from = this.#next < left.length ? this.#next : 0;
    this.#next = from + MANY;
    return left.slice(from, this.#next);
  }

  async #takeEnded(ids: readonly string[]): Promise<void> {
    this.#rung.clear();
    if (ids.length === 0) return;
    const live = new Set(await this.#context.run('live', { ids }));
    await this.#take(ids.filter((id) => !live.has(id)));
  }

  async #take(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    for (const task of await lookAll(this.#context, ids)) {
      this.#ended.set(task.task_id, task);
      this.#live.delete(task.task_id);
    }
  }

  #tasks(): TaskJson[] {
    return this.#ids.map((id) => (this.#ended.get(id) ?? this.#live.get(id)) as TaskJson);
  }

  /** All as they are now, in the order in which they were given. */
  async answer(): Promise<WaitedAll> {
    for (const task of await lookAll(this.#context, [...this.#live.keys()])) {
      (isTerminal(task.status) ? this.#ended : this.#live).set(task.task_id, task);
    }
    const tasks = this.#tasks();
    if (this.isOver) return { tasks, wait_status: 'ok' };
    const { problem } = this.#context.starts;
    const isQueued = problem !== undefined && tasks.some(({ status }) => status === 'pending');
    return { tasks, wait_status: 'timeout', ...(isQueued ? { problem } : {}) };
  }
}

/** A timeout in milliseconds. */
function waitMs(timeout: Duration): number {
  return timeout === Number.POSITIVE_INFINITY ? timeout : parseDuration(timeout, 'timeout') * 1000;
}
