/** What the verbs share: where the store is, how it is opened, and who starts a worker. */
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { StoreError, storeReason, TaskNotFoundError } from '../errors/refusal.ts';
import type { Codec } from '../ports/codec.ts';
import type { Hooks } from '../ports/hooks.ts';
import type { Recipe } from '../ports/recipe.ts';
import { due } from '../reap/due.ts';
import type { DueOptions } from '../reap/index.ts';
import type { RecipeSearch } from '../recipe/index.ts';
import { MEMORY } from '../store/address.ts';
import { type Mount, openStore } from '../store/index.ts';
import { locateStore, namedStore, type Standpoint, storeExists } from '../store/locate.ts';
import type { Sealer } from '../store/sealer.ts';
import type { Ops, Store, Submit, Submitted } from '../store/types.ts';
import type { Config } from '../wire/config.ts';
import type { Environment } from '../wire/globals.ts';
import { type Soon, soon } from '../wire/soon.ts';
import { readConfig } from './config.ts';
import { LOOK_EVERY } from './defaults.ts';
import { EMPTY } from './empty-store.ts';
import { Here, type Working } from './here.ts';
import { Starts } from './staff/starts.ts';

/** Where and how a client works; every field has a default. */
export interface ClientOptions extends Standpoint {
  /** The store's file, or its folder. Default: see `locateStore`. */
  store?: string;
  /** Default `thread`: an fsync never stalls the app. `direct` suits short processes. */
  mount?: Mount;
  worker?: WorkerMode;
  /** What payloads go through; the first one encodes. Default: those that the configuration names. */
  codecs?: readonly Codec[];
  /** Default: those that the configuration names. */
  hooks?: readonly Hooks[];
  /** Told what keeps tasks from being run, each thing once. Default: a warning of the process. */
  onWarning?: (text: string) => void;
  /** Milliseconds between two looks of those who wait although nothing was heard. Default 1,000; a test may have none at all. */
  lookEvery?: number;
  /** Opens the store's file, in place of the package's own way; a test has a store on a clock of its own. */
  openStore?: (path: string) => Promise<Store>;
}

/**
 * Who runs what is submitted. `detached` (default): a detached worker that is started when none lives; a recipe in code
 * by this process. `app`: a worker in this process. `none`: whoever else comes.
 */
export type WorkerMode = 'detached' | 'app' | 'none';

/** What some worker in this process must run. */
export interface WantedHere {
  folders: boolean;
  /** Names of recipes in code. */
  recipes: readonly string[];
}

/** The workers in this process. */
export interface StaffHere {
  /** Starts a worker for what none of them runs. What cannot be started is a warning: the tasks are stored. */
  ensure(wanted: WantedHere): Soon<void>;
}

/** Reasons why an open store is of no use any more; another one may be opened. */
const LOST: readonly unknown[] = ['gone', 'thread_died'];

export class VerbContext {
  readonly path: string;
  readonly config: Config;
  readonly worker: WorkerMode;
  /** Those that it was given; undefined: those of the configuration count, see `hooks.ts`. */
  readonly hooks: readonly Hooks[] | undefined;
  /** The recipes in code that were submitted here, or are worked on here. */
  readonly recipes = new Map<string, Recipe>();
  /** What only this process knows of its tasks. */
  readonly here = new Here();
  /** The workers in this process; whoever makes verbs over this says how they come. */
  staffHere: () => Soon<StaffHere> = () => Promise.reject(new Error('nobody has made verbs over this'));
  readonly env: Environment;
  readonly cwd: string;
  /** Milliseconds between two looks of those who wait although nothing was heard. */
  readonly lookEvery: number;
  /** When workers are started while somebody waits. */
  readonly starts = new Starts();
  readonly #onWarning: (text: string) => void;
  readonly #warned = new Set<string>();
  readonly #open: (path: string, mount: Mount) => Promise<Store>;
  #codecs: readonly Codec[] | undefined;
  #mount: Mount;
  readonly #search: Omit<RecipeSearch, 'storeFolder'>;
  #store: Soon<Store> | undefined;
  #sealer: Sealer | undefined;
  #closed = false;
  readonly #leave = new Set<() => unknown>();
  readonly #closing = new Set<() => void>();

  private constructor(path: string, config: Config, at: Required<Standpoint>, options: ClientOptions) {
    const { worker, mount = 'thread' } = options;
    this.path = path;
    this.config = config;
    this.worker = worker ?? (path === MEMORY ? 'app' : 'detached');
    this.hooks = options.hooks;
    this.env = at.env;
    this.cwd = at.cwd;
    this.lookEvery = options.lookEvery ?? LOOK_EVERY;
    this.#onWarning = options.onWarning ?? ((text) => process.emitWarning(text, { code: 'OFFSTAGE_NO_WORKER' }));
    this.#open = options.openStore ?? ((file, mount) => openStore(file, { mount }));
    this.#codecs = options.codecs;
    this.#mount = mount;
    this.#search = { configured: config.recipes ?? [], ...at };
  }

  static async open(options: ClientOptions): Promise<VerbContext> {
    const { cwd = process.cwd(), home = homedir(), env = process.env } = options;
    const config = await readConfig(cwd, home, namedStore(options.store, env) !== undefined);
    const at = { cwd, home, env };
    // A command is over too soon to have any use of a store that ends with it.
    const isInMemory = options.store === MEMORY && options.mount !== 'direct';
    const path = isInMemory ? MEMORY : locateStore(options.store, config.store, at);
    return new VerbContext(path, config, at, options);
  }

  /** Runs one operation. A store that does not exist is made by those that write into it only. */
  async run<K extends keyof Ops>(op: K, args: Parameters<Ops[K]>[0]): Promise<ReturnType<Ops[K]>> {
    if (op in EMPTY && !this.exists) return EMPTY[op] as ReturnType<Ops[K]>;
    return this.use((store) => store.run(op, args));
  }

  /** Submits; `hear` is told of the answer before anything of it starts here. */
  submit(asked: Submit, hear: (submitted: Submitted) => void): Promise<Submitted> {
    return this.use((store) => {
      const worker = this.here.workerFor(store, asked);
      if (worker !== undefined) return worker.submit(asked, this.#knowing(worker, asked, hear));
      return store.run('submit', asked).then((submitted) => {
        hear(submitted);
        return submitted;
      });
    });
  }

  /** From then on it is known how those stand that run here. */
  #knowing({ runs }: Working, { tasks }: Submit, hear: (submitted: Submitted) => void): typeof hear {
    const { known } = this.here;
    const { era } = known;
    return (submitted) => {
      const ids = submitted.tasks.flatMap(({ id, deduplicated }, index) =>
        deduplicated !== true && runs(tasks[index]?.code ?? null) ? id : [],
      );
      known.add(ids, era);
      hear(submitted);
    };
  }

  /** Decides what is due, and answers how much; nothing is in a store that does not exist. */
  async due(how: DueOptions = {}): Promise<number> {
    return this.exists ? this.use((store) => due(store, how)) : 0;
  }

  /** Asks the store itself, which is opened if need be. One that has gone is forgotten. */
  use<T>(ask: (store: Store) => Promise<T>): Promise<T> {
    return soon(this.store(), (store) =>
      ask(store).catch(async (error) => {
        if (LOST.includes(storeReason(error))) await this.#forget(store);
        throw error;
      }),
    );
  }

  /** Whether there is a store already: asking makes none. */
  get exists(): boolean {
    return this.#store !== undefined || storeExists(this.path);
  }

  /** Opens the store at the first call. */
  store(): Soon<Store> {
    if (this.#closed) return Promise.reject(new StoreError(`the client of ${this.path} is closed`));
    this.#store ??= this.#opening();
    return this.#store;
  }

  /** The store, where it is open already: asking opens none. */
  get openNow(): Store | undefined {
    return this.#closed || this.#store instanceof Promise ? undefined : this.#store;
  }

  #opening(): Promise<Store> {
    const become = (store: Store | undefined): void => {
      if (this.#store === opening) this.#store = store;
    };
    const opening: Promise<Store> = this.#opened().then(
      (store) => {
        become(store);
        return store;
      },
      (error) => {
        become(undefined);
        throw error;
      },
    );
    return opening;
  }

  /** The one that is open, once it is. */
  async #openStore(): Promise<Store | undefined> {
    try {
      return await this.#store;
    } catch {
      return undefined;
    }
  }

  /** The same, in a thread of its own: a worker's lease is renewed there whatever else this process does. */
  async storeInThread(): Promise<Store> {
    if (this.#mount === 'thread') return this.store();
    this.#mount = 'thread';
    const before = this.#store;
    this.#store = undefined;
    await (await before)?.close();
    return this.store();
  }

  /** With payloads that go through a codec, where there is one; without one it is the very store. */
  async #opened(): Promise<Store> {
    const codecs = await this.#codecsHere();
    const store = await this.#open(this.path, this.#mount);
    return codecs === undefined ? store : (await import('../store/encoded.ts')).encodedStore(store, codecs);
  }

  /** What has texts beside the payloads of tasks go through the codec too; undefined without one. Always the same one. */
  async sealer(): Promise<Sealer | undefined> {
    const codecs = await this.#codecsHere();
    if (codecs === undefined || this.#sealer !== undefined) return this.#sealer;
    const [{ Sealer }, { folder }] = await Promise.all([import('../store/sealer.ts'), this.store()]);
    this.#sealer ??= new Sealer(folder, codecs);
    return this.#sealer;
  }

  /** Loaded once: a worker does not look for it again, whatever becomes of its file. What failed is tried anew. */
  async #codecsHere(): Promise<readonly Codec[] | undefined> {
    const { codec } = this.config;
    if (this.#codecs !== undefined || codec === undefined) return this.#codecs;
    this.#codecs = await (await import('./codecs.ts')).loadCodecs(codec);
    return this.#codecs;
  }

  /** Where recipes are looked for: also beside the store's `.offstage` folder. */
  search(beside?: string): RecipeSearch {
    const folder = this.path === MEMORY ? this.cwd : dirname(this.path);
    const project = basename(folder) === '.offstage' ? dirname(folder) : folder;
    return { ...this.#search, storeFolder: join(project, '.offstage'), ...(beside === undefined ? {} : { beside }) };
  }

  notFound(id: string): TaskNotFoundError {
    return new TaskNotFoundError(id, this.path);
  }

  /** Tells whoever waits what keeps tasks from being run; the same thing once. */
  warn(text: string): void {
    if (this.#warned.has(text)) return;
    this.#warned.add(text);
    this.#onWarning(text);
  }

  /** Calls back when it is closed, before the store is; returns what ends that. */
  onClose(leave: () => unknown): () => void {
    this.#leave.add(leave);
    return () => void this.#leave.delete(leave);
  }

  /** Calls back when it is closed and all others have left. */
  onClosed(tell: () => void): void {
    this.#closing.add(tell);
  }

  /** The file was removed or replaced, or its thread has died: the next verb opens what is there then. */
  async #forget(store: Store): Promise<void> {
    if ((await this.#openStore()) === store) this.#store = undefined; // it may be another one by now
    await store.close().catch((error: Error) => {
      // What is told is that it is gone; files that stay open are a matter of this process.
      process.emitWarning(`${this.path} was not closed: ${error.message}`, { code: 'OFFSTAGE_STORE_CLOSE' });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const leave of this.#leave) await leave();
    this.#leave.clear();
    for (const tell of this.#closing) tell();
    const store = await this.#openStore();
    this.#store = undefined;
    await store?.close();
  }
}
