/**
 * The child processes of one worker.
 *
 * 1. A child's group is stored before the child is handed out, so whoever finds this worker dead can kill it.
 * 2. One spare, not yet used by any recipe, is kept ready, started as the last one was. A child that ended cleanly is kept
 *    for the same key.
 * 3. A retired child's group has ended before it is forgotten.
 */
import type { Claimed, ReadyChild, Store } from '../../store/types.ts';
import { type Clock, pause } from '../clock.ts';
import type { Start } from '../environment/start.ts';
import { NotBegunError } from '../not-begun.ts';
import { Child } from './child.ts';
import { marked } from './env.ts';
import { endGroup, killNow } from './group.ts';
import { StandingChildren } from './standing.ts';
import { OtherVersionError, StartError } from './start.ts';

export interface PoolOptions {
  worker: string;
  store: Store;
  /** Idle children kept at most. */
  keep: number;
  /** Their working folder. */
  folder: string;
  clock: Clock;
  /** Resolves when the worker's row is stored: groups are stored after it. */
  registered: Promise<unknown>;
  /** How the first spare is started. */
  start: Start;
  onTrouble(error: unknown): void;
  /** No child can be started any more; the worker is of no use. Told once. */
  onUnable(error: NotBegunError): void;
}

/** Milliseconds in which a child is to be ready, and the pauses between the tries: an installation goes on meanwhile. */
const PATIENCE = 15_000;
const PAUSES = [2_000, 5_000];

export class ChildPool {
  readonly #options: PoolOptions;
  /** Every child that has not been retired to the end. */
  readonly #all = new Set<Child>();
  readonly #standing: StandingChildren;
  /** The spare while it starts. */
  #spare: { id: string; child: Promise<Child> } | undefined;
  /** How the next spare is started. */
  #latest: Start;
  /** Why no child can be started any more. */
  #unable: NotBegunError | undefined;
  #closed = false;
  readonly #atExit = (): void => this.killAll();

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#latest = options.start;
    this.#standing = new StandingChildren(options.keep, (child) => this.retire(child));
  }

  /** Whether `warm` has anything to start. */
  get lacksSpare(): boolean {
    const { id } = this.#latest;
    return !this.#closed && this.#spare?.id !== id && !this.#standing.hasSpareOf(id);
  }

  /** Starts the spare ahead of need; after it was taken, when that run is on its way and not in competition with it. */
  warm(): void {
    if (!this.lacksSpare) return;
    const { id } = this.#latest;
    this.#retireSpare();
    this.#standing.dropSpares(id);
    if (this.#standing.hasSpare) return;
    const child = this.#start(this.#latest);
    this.#spare = { id, child };
    child.then((one) => this.#whenReady(one, id, child)).catch((error) => this.#spareFailed(child, error));
  }

  /** Those that stand ready, for a claim; `claimed` is to be called then, whatever becomes of it. */
  offer(): ReadyChild[] {
    return this.#closed ? [] : this.#standing.offer();
  }

  /** The claim is answered and has started these. */
  claimed(started: readonly Claimed[]): void {
    this.#standing.claimed(started);
  }

  /** The child that was noted for a run with its claim; undefined when that is none, or not the right one. */
  async takeNoted(claimed: Claimed, key: string, start: Start): Promise<Child | undefined> {
    const child = this.#closed ? this.giveBack(claimed) : await this.#standing.takeNoted(claimed, key, start.id);
    if (child?.runs === 0) this.#latest = start;
    return child;
  }

  /** The run needs no child that was noted for it, if it has not taken it. */
  giveBack(claimed: Claimed): undefined {
    this.#standing.giveBack(claimed);
  }

  /**
   * A child that is ready: one kept for this key, else the spare, if it was started so, else a new one. Rejects with a
   * `NotBegunError` when none can be started, in three tries and 15 s; with another error when only those of this start
   * cannot: then the environment of the run is to blame, not the worker.
   */
  async take(key: string, start: Start): Promise<Child> {
    if (this.#closed) throw new NotBegunError('the worker is stopping');
    return this.#standing.takeUsed(key) ?? this.#takeNew(start);
  }

  /** Its run has ended cleanly, and that is about to be stored: `give` or `retire` follows. Until then a claim may note it. */
  announce(child: Child, key: string, start: Start, fit: string | null = null): void {
    if (!this.#closed) this.#standing.announce({ child, start: start.id, ran: { key, fit } });
  }

  /** Keeps a child that ended cleanly for the next run of the same key; `fit` is what the store calls that kind. */
  give(child: Child, key: string, start: Start, fit: string | null = null): void {
    if (this.#closed) return void this.retire(child);
    this.#standing.add({ child, start: start.id, ran: { key, fit } });
  }

  /** Kills the child's group. Answers whether none of it runs any more; if so the store forgets the group. */
  async retire(child: Child): Promise<boolean> {
    this.#standing.remove(child);
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
    await this.#spare?.child.catch(() => {});
    await Promise.all([...this.#all].map((child) => this.retire(child)));
  }

  /** Kills every group at once and without waiting: for a process that ends. */
  killAll(): void {
    for (const { group } of this.#all) killNow(group);
  }

  async #takeNew(start: Start): Promise<Child> {
    this.#latest = start;
    const { clock, onTrouble } = this.#options;
    const end = clock.mono() + PATIENCE;
    for (let failures = 0; ; ) {
      try {
        return await this.#takeReady(start, end);
      } catch (error) {
        if (error instanceof OtherVersionError) throw this.#giveUp(error);
        if (!(error instanceof StartError)) throw error;
        onTrouble(new StartError(`a child process could not be started: ${error.whole}`));
        const wait = PAUSES[failures++];
        const over = wait === undefined || clock.mono() + wait >= end;
        if (over || this.#closed || this.#unable !== undefined) throw this.#endOfTries(start, unable(failures, error));
        await pause(clock, wait);
      }
    }
  }

  async #takeReady(start: Start, end: number): Promise<Child> {
    const child = await this.#takeSpare(start);
    const { clock } = this.#options;
    let cancel = (): void => {};
    const late = new Promise<never>((_, reject) => {
      cancel = clock.after(end - clock.mono(), () => reject(child.unready('it was not ready in time')));
    });
    try {
      await Promise.race([child.ready, late]);
      if (child.alive) return child;
      throw child.unready('it ended as soon as it was ready');
    } catch (error) {
      void this.retire(child);
      throw error;
    } finally {
      cancel();
    }
  }

  /** A spare that is there but has ended, or could not be started, is one that nobody has waited for. */
  async #takeSpare(start: Start): Promise<Child> {
    const standing = this.#standing.takeSpare(start.id);
    if (standing !== undefined) return standing;
    if (this.#spare?.id !== start.id) return this.#start(start);
    const taken = this.#spare.child;
    this.#spare = undefined;
    const spare = await taken.catch(() => undefined);
    if (spare?.alive) return spare;
    if (spare !== undefined) void this.retire(spare);
    return this.#start(start);
  }

  /** Another start is wanted than that of the spare. */
  #retireSpare(): void {
    const spare = this.#spare;
    this.#spare = undefined;
    spare?.child.then(
      (child) => this.retire(child),
      () => {},
    );
  }

  async #whenReady(child: Child, start: string, spare: Promise<Child>): Promise<void> {
    await child.ready;
    if (this.#spare?.child !== spare) return; // somebody has taken it, or it is not wanted any more
    this.#spare = undefined;
    this.#standing.add({ child, start });
  }

  /** Whoever needs a child tries again and is told. */
  async #spareFailed(spare: Promise<Child>, error: unknown): Promise<void> {
    if (this.#spare?.child !== spare) return; // somebody waits for it
    this.#spare = undefined;
    await spare.then((child) => this.retire(child)).catch(() => {});
    if (error instanceof OtherVersionError) this.#giveUp(error);
    else if (!this.#closed) this.#options.onTrouble(error);
  }

  async #start(start: Start): Promise<Child> {
    const { worker, store, folder, registered } = this.#options;
    process.removeListener('exit', this.#atExit); // once, however many children there are
    process.once('exit', this.#atExit);
    const child = await Child.start(marked(start.env, worker), folder, start.node);
    this.#all.add(child);
    void child.gone.then(() => this.#end(child));
    try {
      await registered;
      await store.run('addGroup', { worker, group: child.group });
    } catch (error) {
      void this.retire(child);
      throw error;
    }
    return child;
  }

  /** What it left in its group ends with it, and its pid is free again. Who runs something in it is told himself. */
  #end(child: Child): void {
    if (this.#standing.has(child)) void this.retire(child);
  }

  /** What a submitter's environment breaks must not keep the worker from other tasks. */
  #endOfTries(start: Start, error: NotBegunError): Error {
    if (this.#closed || start.id === this.#options.start.id) return this.#giveUp(error);
    return new Error(`in the environment that the task was submitted with ${error.message}`);
  }

  /** Answers with what is to be told to those who need a child. */
  #giveUp(error: NotBegunError): NotBegunError {
    if (this.#unable === undefined && !this.#closed) {
      this.#unable = error;
      this.#options.onUnable(error);
    }
    return error;
  }

  #forget(child: Child): void {
    const { store, worker, onTrouble } = this.#options;
    store.run('removeGroup', { worker, pgid: child.group.pgid }).catch(onTrouble);
  }
}

const unable = (tries: number, { message }: StartError): NotBegunError =>
  new NotBegunError(`no child process could be started (${tries} ${tries === 1 ? 'try' : 'tries'}): ${message}`);
