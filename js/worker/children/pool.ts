/**
 * The child processes of one worker.
 *
 * 1. A child's group is stored before the child is handed out, so whoever finds this worker dead can kill it.
 * 2. One spare, not yet used by any recipe, is kept ready. A child that ended cleanly is kept for the same key.
 * 3. A retired child's group has ended before it is forgotten.
 */
import type { Store } from '../../store/types.ts';
import { Child } from './child.ts';
import { childEnv } from './env.ts';
import { endGroup, killNow } from './group.ts';

export interface PoolOptions {
  worker: string;
  store: Store;
  /** Idle children kept at most. */
  keep: number;
  /** Their working folder. */
  folder: string;
  onTrouble(error: unknown): void;
}

export class ChildPool {
  readonly #options: PoolOptions;
  /** Every child that has not been retired to the end. */
  readonly #all = new Set<Child>();
  /** Oldest first. */
  #idle: { child: Child; key: string }[] = [];
  #spare: Promise<Child> | undefined;
  #closed = false;
  readonly #atExit = (): void => this.killAll();

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Starts the spare ahead of need; after it was taken, when that run is on its way and not in competition with it. */
  warm(): void {
    if (this.#closed || this.#spare !== undefined) return;
    this.#spare = this.#start();
    this.#spare.catch(() => {
      this.#spare = undefined; // whoever needs a child tries again and is told
    });
  }

  /** A child that is ready: one kept for this key, else the spare, else a new one. */
  async take(key: string): Promise<Child> {
    if (this.#closed) throw new Error('the worker is stopping');
    const kept = this.#takeIdle(key);
    if (kept !== undefined) return kept;
    const child = await this.#takeSpare();
    try {
      await child.ready;
    } catch (error) {
      void this.retire(child);
      throw error;
    }
    return child;
  }

  /** Keeps a child that ended cleanly for the next run of the same key; the oldest goes when there are too many. */
  give(child: Child, key: string): void {
    if (this.#closed || !child.alive) return void this.retire(child);
    this.#idle.push({ child, key });
    void child.gone.then(() => this.retire(child)); // what it left in its group ends with it, and its pid is free again
    while (this.#idle.length > this.#options.keep) {
      const oldest = this.#idle.shift();
      if (oldest) void this.retire(oldest.child);
    }
  }

  /** Kills the child's group. Answers whether none of it runs any more; if so the store forgets the group. */
  async retire(child: Child): Promise<boolean> {
    this.#idle = this.#idle.filter((idle) => idle.child !== child);
    if (!(await endGroup(child.group))) return false;
    if (this.#all.delete(child)) this.#forget(child);
    return true;
  }

  /** Stores all groups anew, after others had removed this worker's row. */
  async storeGroups(): Promise<void> {
    const { store, worker } = this.#options;
    await Promise.all([...this.#all].map(({ group }) => store.run('addGroup', { worker, group })));
  }

  /** Ends every child. */
  async close(): Promise<void> {
    this.#closed = true;
    process.removeListener('exit', this.#atExit);
    await this.#spare?.catch(() => {});
    await Promise.all([...this.#all].map((child) => this.retire(child)));
  }

  /** Kills every group at once and without waiting: for a process that ends. */
  killAll(): void {
    for (const { group } of this.#all) killNow(group);
  }

  #takeIdle(key: string): Child | undefined {
    const dead = this.#idle.filter(({ child }) => !child.alive);
    for (const { child } of dead) void this.retire(child);
    const found = this.#idle.findLast((idle) => idle.key === key && idle.child.alive);
    this.#idle = this.#idle.filter((idle) => idle !== found && idle.child.alive);
    return found?.child;
  }

  async #takeSpare(): Promise<Child> {
    const spare = this.#spare;
    this.#spare = undefined;
    const child = await (spare ?? this.#start()).catch(() => this.#start());
    if (child.alive) return child;
    void this.retire(child);
    return this.#start();
  }

  async #start(): Promise<Child> {
    const { worker, store, folder } = this.#options;
    process.removeListener('exit', this.#atExit); // once, however many children there are
    process.once('exit', this.#atExit);
    const child = await Child.start(childEnv(process.env, worker), folder);
    this.#all.add(child);
    try {
      await store.run('addGroup', { worker, group: child.group });
    } catch (error) {
      void this.retire(child);
      throw error;
    }
    return child;
  }

  #forget(child: Child): void {
    const { store, worker, onTrouble } = this.#options;
    store.run('removeGroup', { worker, pgid: child.group.pgid }).catch(onTrouble);
  }
}
