/** Waiting for tasks: each is looked at when it may have ended, and costs nothing until then. */
import { InvalidArgumentError } from '../../errors/argument.ts';
import type { WaitOptions } from '../../ports/verbs.ts';
import type { Store, StoredTask } from '../../store/types.ts';
import type { WaitedAll } from '../../wire/answers.ts';
import { isTerminal, type TaskJson } from '../../wire/task.ts';
import { Provider } from '../staff/provider.ts';
import type { VerbContext } from '../verb-context.ts';
import { lookAll, notThere, seen } from '../verbs/read.ts';
import { storedJson, WHOLE } from '../verbs/stored-json.ts';
import { Bell } from './bell.ts';
import { hears, hubOf } from './hub.ts';
import { endOf, waitForOne } from './wait-one.ts';

export { waitForOutcome as outcome } from './wait-one.ts';

/**
 * Waits until all have ended, with `any` until one has, or until the time is over. Changes nothing. `TaskNotFoundError`
 * when one is unknown, at once.
 */
export async function wait(
  context: VerbContext,
  given: readonly string[],
  options: WaitOptions = {},
): Promise<WaitedAll> {
  const { any = false, timeout, signal } = options;
  const ids = [...new Set(given)];
  if (any && ids.length === 0) throw new InvalidArgumentError('ids: got none, expected one or more', { option: 'ids' });
  signal?.throwIfAborted();
  const end = endOf(timeout);
  const [id] = ids;
  if (id !== undefined && ids.length === 1 && options.onLook === undefined) {
    return waitForOne(context, id, { end, signal });
  }
  const wait = new Wait(context, ids, options);
  await wait.on(end);
  return wait.answer();
}

/** To so many it is seen before anything was heard of them. */
const MANY = 200;

class Wait {
  readonly #context: VerbContext;
  readonly #ids: readonly string[];
  readonly #options: WaitOptions;
  readonly #provider: Provider;
  /** Those that have ended, whole: what has ended may be cleared while others are waited for. */
  readonly #ended = new Map<string, TaskJson>();
  /** The others, as they were seen last. */
  readonly #live = new Map<string, StoredTask>();
  /** What ends that one is heard of. */
  readonly #leave = new Map<string, () => void>();
  /** Those of which something was heard since the last look. */
  readonly #rung = new Set<string>();

  constructor(context: VerbContext, ids: readonly string[], options: WaitOptions) {
    this.#context = context;
    this.#ids = ids;
    this.#options = options;
    this.#provider = new Provider(context);
  }

  get #isOver(): boolean {
    return this.#options.any ? this.#ended.size > 0 : this.#ended.size === this.#ids.length;
  }

  /** Until it is over or the time is. One look, and another one where nothing was heard of before. */
  async on(end: number): Promise<void> {
    const isEarly = !hears(this.#context);
    if (isEarly) await hubOf(this.#context).early(() => this.#lookDecided());
    if (this.#isOver || (isEarly && performance.now() >= end)) return;
    const store = await this.#context.store();
    const bell = new Bell((ring) => this.#hang(store, ring), { signal: this.#options.signal });
    try {
      if (isEarly) await this.#look([...this.#live.keys()]);
      else await this.#lookDecided();
      await this.#listen(bell, end);
    } finally {
      bell.close();
    }
  }

  /** Who looks on wants to know of whatever happens, others of ends alone. */
  #hang(store: Store, ring: () => void): () => void {
    const hub = hubOf(this.#context);
    const isShown = this.#options.onLook !== undefined;
    for (const id of this.#ids) {
      if (this.#ended.has(id)) continue;
      const heard = (): void => {
        this.#rung.add(id);
        ring();
      };
      this.#leave.set(id, isShown ? hub.told(store, id, heard) : hub.ended(store, id, heard));
    }
    return () => {
      for (const leave of this.#leave.values()) leave();
    };
  }

  /** Looks at those of which something was heard; now and then that is so of each. To those it is seen, but not all the time. */
  async #listen(bell: Bell, end: number): Promise<void> {
    let cared: readonly string[] = [...this.#live.keys()].slice(0, MANY);
    let again = await this.#provide(cared);
    for (let next = this.#nextCare(); !this.#isOver && performance.now() < end; ) {
      await bell.rings(Math.min(again, end) - performance.now());
      const heard = new Set(performance.now() < again ? [] : cared);
      for (const id of this.#rung) if (this.#live.has(id)) heard.add(id);
      this.#rung.clear();
      await this.#look([...heard]);
      if (performance.now() < Math.min(again, next)) continue;
      cared = [...heard];
      again = await this.#provide(cared);
      next = this.#nextCare();
    }
  }

  #nextCare(): number {
    return performance.now() + this.#context.lookEvery / 2;
  }

  /** Sees to those of them that wait for a worker; answers when to do so again, by the monotonic clock. */
  async #provide(ids: readonly string[]): Promise<number> {
    const live = ids.flatMap((id) => this.#live.get(id) ?? []);
    return (await this.#provider.provide(live.map((stored) => storedJson(stored)))) + performance.now();
  }

  /** Decides what is due, and looks at all: at once, and again when something was decided meanwhile. */
  async #lookDecided(): Promise<void> {
    const [decided] = await Promise.all([this.#context.due(), this.#look(this.#ids)]);
    if (decided > 0) await this.#look([...this.#live.keys()]);
  }

  async #look(ids: readonly string[]): Promise<void> {
    const found = ids.length === 0 ? [] : await this.#context.run('getAll', { ids, payloads: [], ended: WHOLE });
    const stored = ids.map((id, index) => found[index] ?? notThere(this.#context, id));
    await Promise.all(stored.map((one) => this.#take(one)));
    this.#options.onLook?.(this.#tasks());
  }

  async #take(stored: StoredTask): Promise<void> {
    const { id, status } = stored;
    if (!isTerminal(status)) return void this.#live.set(id, stored);
    this.#leave.get(id)?.();
    this.#leave.delete(id);
    this.#ended.set(id, await seen(this.#context, stored));
    this.#live.delete(id);
  }

  #tasks(): TaskJson[] {
    return this.#ids.map((id) => this.#ended.get(id) ?? storedJson(this.#live.get(id) as StoredTask));
  }

  /** All as they are now, in the order in which they were given. */
  async answer(): Promise<WaitedAll> {
    const left = new Map<string, TaskJson>();
    for (const task of await lookAll(this.#context, [...this.#live.keys()])) {
      (isTerminal(task.status) ? this.#ended : left).set(task.task_id, task);
    }
    const tasks = this.#ids.map((id) => (this.#ended.get(id) ?? left.get(id)) as TaskJson);
    if (this.#isOver) return { tasks, wait_status: 'ok' };
    const { problem } = this.#context.starts;
    const isQueued = problem !== undefined && tasks.some(({ status }) => status === 'pending');
    return { tasks, wait_status: 'timeout', ...(isQueued ? { problem } : {}) };
  }
}
