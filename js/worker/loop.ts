/**
 * The worker's loop: looks at the store after every wake, ends what must end, claims what it can run.
 *
 * 1. One look at a time; a wake during a look makes another one follow.
 * 2. What is claimed stays in `#running`, and keeps its slot, until its last commit is durable.
 * 3. Only a stop, idleness or a lost store end the loop.
 */
import type { Changed, Claimed, Ended, Store } from '../store/types.ts';
import { Attempt } from './attempt.ts';
import type { ChildPool } from './children/pool.ts';
import { after } from './clock.ts';
import { liveRow } from './row.ts';
import { isStoreLost } from './trouble.ts';
import type { WorkerEvent } from './types.ts';

/** Milliseconds between two looks when nothing wakes the worker, and between two looks at what is due. */
const SAFETY_NET = 1000;

export interface LoopOptions {
  store: Store;
  pool: ChildPool;
  worker: string;
  concurrency: number;
  /** Milliseconds without work after which the loop ends; `Infinity` for never. */
  idleAfter: number;
  /** Milliseconds between abort and kill for tasks whose record does not say. */
  killGrace: number;
  tell(event: WorkerEvent['event'], more?: Partial<WorkerEvent>): void;
  onTrouble(error: unknown): void;
}

/** Why a loop ended. */
export type LoopEnd = { because: 'idle' } | { because: 'stop' } | { because: 'lost'; error: unknown };

export class Loop {
  readonly #options: LoopOptions;
  readonly #running = new Map<string, { attempt: Attempt; done: Promise<void> }>();
  readonly #ended: Promise<LoopEnd>;
  #end!: (end: LoopEnd) => void;
  #over = false;
  #claiming = true;
  #looking: Promise<void> | undefined;
  #again = false;
  #due: Promise<void> | undefined;
  #dueAt = 0;
  #idleSince: number | undefined;
  #cancelTimer: () => void = () => {};
  #whenEmpty: () => void = () => {};

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Runs until it is over. Never rejects. */
  async run(): Promise<LoopEnd> {
    const unwatch = this.#options.store.watch(() => this.#wake());
    this.#wake();
    const end = await this.#ended;
    unwatch();
    this.#cancelTimer();
    return end;
  }

  /** Claims nothing more, gives what runs `drain` ms (`skip` ends that), then kills it; the loop is over after that. */
  async stop(drain: number, skip?: AbortSignal): Promise<void> {
    this.#claiming = false;
    await this.#options.store.run('stopping', { worker: this.#options.worker }).catch((error) => this.#trouble(error));
    await this.#drained(drain, skip);
    await this.#looking; // a claim may be on its way
    for (const { attempt } of this.#running.values()) attempt.shutDown();
    await Promise.all([...this.#running.values()].map(({ done }) => done));
    this.#finish({ because: 'stop' });
  }

  #drained(ms: number, skip?: AbortSignal): Promise<void> {
    if (this.#running.size === 0 || ms === 0 || skip?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = (): void => {
        cancel();
        skip?.removeEventListener('abort', finish);
        resolve();
      };
      const cancel = after(ms, finish);
      skip?.addEventListener('abort', finish);
      this.#whenEmpty = finish;
    });
  }

  #wake(): void {
    this.#again = true;
    if (this.#looking !== undefined || this.#over) return;
    this.#looking = this.#lookWhileWoken().finally(() => {
      this.#looking = undefined;
      if (this.#again) this.#wake();
    });
  }

  async #lookWhileWoken(): Promise<void> {
    this.#cancelTimer();
    let next = SAFETY_NET;
    try {
      while (this.#again && !this.#over) {
        this.#again = false;
        next = await this.#look();
      }
    } catch (error) {
      this.#trouble(error);
    }
    if (!this.#over) this.#cancelTimer = after(next, () => this.#wake());
  }

  /** Looks once; answers in how many milliseconds to look again. */
  async #look(): Promise<number> {
    const { store, worker } = this.#options;
    this.#startDue();
    const running = [...this.#running.values()].map(({ attempt }) => attempt.key);
    const found = await store.run('poll', { worker, running });
    if (!found.registered) await this.#registerAgain();
    for (const ended of found.ended) this.#cancel(ended);
    if (found.claimable) await this.#claim();
    const untilNext = found.nextAt === null ? SAFETY_NET : Math.max(1, found.nextAt - Date.now());
    return Math.min(SAFETY_NET, untilNext, await this.#idle(found.pending));
  }

  /** Decides what is due, once a second; not waited for, since it may have to kill what a dead worker left. */
  #startDue(): void {
    if (this.#due !== undefined || performance.now() < this.#dueAt) return;
    this.#dueAt = performance.now() + SAFETY_NET;
    this.#due = this.#options.store
      .run('due', {})
      .then(
        () => {},
        (error) => this.#trouble(error),
      )
      .finally(() => {
        this.#due = undefined;
      });
  }

  async #registerAgain(): Promise<void> {
    const { store, pool, worker, concurrency } = this.#options;
    if (!this.#claiming) return; // it is stopping: nobody shall count on it
    await store.run('register', { row: liveRow(worker, concurrency) });
    await pool.storeGroups();
  }

  #cancel({ id, epoch, status, reason }: Ended): void {
    const message = reason ?? (status === 'cancelled' ? 'the task was cancelled' : `the task is ${status} already`);
    this.#running.get(keyOf(id, epoch))?.attempt.cancel(message);
  }

  async #claim(): Promise<void> {
    const { store, worker, concurrency } = this.#options;
    const limit = concurrency - this.#running.size;
    if (!this.#claiming || limit <= 0) return;
    for (const claimed of await store.run('claim', { worker, limit })) this.#start(claimed);
  }

  #start(claimed: Claimed): void {
    const key = keyOf(claimed.id, claimed.epoch);
    const attempt = new Attempt(claimed, this.#options);
    const about = { task_id: claimed.id, recipe: attempt.recipe, attempt: claimed.attempt };
    this.#idleSince = undefined;
    this.#options.tell('started', about);
    const done = attempt
      .run()
      .then((changed) => this.#options.tell('finished', { ...about, status: statusOf(changed) }))
      .catch((error) => this.#trouble(error))
      .finally(() => {
        this.#running.delete(key);
        if (this.#running.size === 0) this.#whenEmpty();
        this.#wake();
      });
    this.#running.set(key, { attempt, done });
  }

  /** Leaves when there was nothing to do for long enough; answers in how many milliseconds that may be. */
  async #idle(pending: boolean): Promise<number> {
    const { store, worker, idleAfter } = this.#options;
    if (pending || this.#running.size > 0 || !this.#claiming) {
      this.#idleSince = undefined;
      return SAFETY_NET;
    }
    this.#idleSince ??= performance.now();
    const left = this.#idleSince + idleAfter - performance.now();
    if (left > 0) return left;
    this.#idleSince = undefined;
    if (await store.run('leave', { worker, force: false })) this.#finish({ because: 'idle' });
    return SAFETY_NET;
  }

  #finish(end: LoopEnd): void {
    this.#over = true;
    this.#end(end);
  }

  #trouble(error: unknown): void {
    if (isStoreLost(error)) this.#finish({ because: 'lost', error });
    else this.#options.onTrouble(error);
  }
}

const keyOf = (id: string, epoch: number): string => `${id}:${epoch}`;

const statusOf = (changed: Changed | null): string => changed?.status ?? 'removed';
