import { scopeHere } from '#platform';
import { type Runner, STATUSES } from '../core/runner.ts';
import { type TaskError, TaskNotFoundError } from '../errors/index.ts';
import type { Platform } from '../platform/types.ts';
import { Driver, throwLater } from './driver.ts';
import { type Entry, type Execution, type Extra, LIVE } from './entry.ts';
import { Hub } from './hub.ts';
import type { Settings } from './options.ts';
import type { Performer } from './words.ts';

/** What the parts of one runner share: what there is, and who waits. What is done with it stands beside it, a verb a file. */
export class Inner {
  readonly settings: Settings;
  readonly platform: Platform;
  readonly driver: Driver;
  readonly hub: Hub;
  /** The ids that somebody was told, of tasks that were not dropped. */
  readonly ids = new Map<string, Entry>();
  /** Who waits for anything that the wasm would have told. */
  readonly #mourners = new Set<(error: TaskError) => void>();
  /** How many wait for something, or follow a task. */
  #held = 0;
  #isLoose = false;

  /** `performer`: makes who does for it what the engine wants done. */
  constructor(settings: Settings, platform: Platform, performer: (inner: Inner) => Performer) {
    this.settings = settings;
    this.platform = platform;
    this.hub = new Hub(this);
    this.driver = new Driver(settings.engine, settings.context, platform, performer(this), (id) => this.ids.delete(id));
  }

  /** The same, with the async context of the submit, if anything is set there. */
  withScope(extra: Extra | undefined): Extra | undefined {
    const scope = this.settings.context ? scopeHere() : undefined;
    return scope === undefined ? extra : { ...extra, scope };
  }

  /** The id, made when it is first asked for. */
  idOf(entry: Entry): string {
    const extra = this.extraOf(entry);
    if (extra.id === undefined) {
      extra.id = this.driver.ask((runner) => runner.id(entry.order));
      if (entry.kept === undefined) this.ids.set(extra.id, entry);
    }
    return extra.id;
  }

  find(id: string): Entry {
    const entry = this.ids.get(id);
    if (entry === undefined) throw new TaskNotFoundError(String(id), 'this runner');
    return entry;
  }

  /** Throws for a task whose record was dropped. */
  checkKept(entry: Entry): void {
    if (entry.kept !== undefined) throw new TaskNotFoundError(this.idOf(entry), 'this runner, which has dropped it');
  }

  extraOf(entry: Entry): Extra {
    entry.extra ??= {};
    return entry.extra;
  }

  /** Whether the execution is the one that the task goes on with. */
  holds(execution: Execution): boolean {
    const { entry } = execution;
    return entry.execution === execution && entry.ended === LIVE && execution.reason === undefined && !execution.over;
  }

  isCompleted(entry: Entry): boolean {
    return STATUSES[entry.ended] === 'completed';
  }

  /**
   * Calls user code about a task, in the async context of its submit. It must not come in the way of a runner: what it throws
   * is an uncaught exception, later.
   */
  callBack<A extends unknown[]>(entry: Entry, callback: (...args: A) => void, ...args: A): void {
    try {
      const returned: unknown = this.driver.scopes.call(entry, (given) => callback(...given), args);
      if (returned instanceof Promise) returned.catch(throwLater);
    } catch (error) {
      throwLater(error);
    }
  }

  /** Waits for what the driver tells; meanwhile the process is kept. Rejects when the wasm has died. */
  async whenTold<T>(wait: (runner: Runner, now: number) => Promise<T>): Promise<T> {
    this.hold();
    let alive = (): void => {};
    const dead = new Promise<never>((_, reject) => {
      alive = this.whenDead(reject);
    });
    try {
      return await Promise.race([this.driver.ask(wait), dead]);
    } finally {
      alive();
      this.release();
    }
  }

  /** From now on only those who wait keep the process. */
  unref(): void {
    this.#isLoose = true;
    this.#look();
  }

  /** Somebody begins to wait for a live task, and says so when it is over. */
  hold(): void {
    this.#held += 1;
    this.#look();
  }

  release(): void {
    this.#held -= 1;
    this.#look();
  }

  /** The wasm is dead: whoever waits for what it would have told hears it. */
  mourn(error: TaskError): void {
    for (const callback of [...this.#mourners]) callback(error);
    this.hub.fail(error);
  }

  /** Calls back when the wasm has died; answers with how to end that. */
  whenDead(callback: (error: TaskError) => void): () => void {
    this.#mourners.add(callback);
    return () => this.#mourners.delete(callback);
  }

  #look(): void {
    if (this.#isLoose) this.driver.hold(this.#held > 0);
  }
}
