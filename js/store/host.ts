/**
 * Runs operations on one database.
 *
 * 1. Reads run at once in a snapshot. Writes that are asked for while a commit runs form the next one (group commit): one
 *    fsync answers them all, and none is answered before it is durable.
 * 2. One write's error undoes that write only; a fault of SQLite undoes the batch and every caller is told.
 * 3. While another process holds the lock, the batch waits and tries again; nothing was done until then.
 */
import { utimesSync } from 'node:fs';
import { StoreError } from '../errors/refusal.ts';
import { ClockWatch, RENEW_EVERY, type StoreClock, systemClock } from './clock.ts';
import { Database, isBusy } from './database.ts';
import { wakeFile } from './folder.ts';
import { operationOf } from './ops/index.ts';
import type { Answer, Arguments, Context, Operation } from './ops/operation.ts';
import type { Ops } from './types.ts';
import { Watch } from './watch.ts';

/** How long others may hold the lock before a caller is told; in milliseconds. */
const PATIENCE = 30_000;

interface Waiting {
  operation: Operation<keyof Ops> & { kind: 'write' };
  args: unknown;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/** Opens the file, waiting while others hold it. */
export async function openHost(path: string, clock: StoreClock = systemClock): Promise<Host> {
  return new Host(await patiently(path, () => new Database(path)), clock);
}

export class Host {
  readonly #db: Database;
  readonly #clock: ClockWatch;
  readonly #watch: Watch;
  readonly #leases = new Map<string, NodeJS.Timeout>();
  #queue: Waiting[] = [];
  #flushing: Promise<void> | undefined;

  constructor(db: Database, clock: StoreClock) {
    this.#db = db;
    this.#clock = new ClockWatch(clock);
    this.#watch = new Watch(wakeFile(db.folder), () => db.dataVersion());
  }

  /** Runs one operation; the answer is durable when it arrives. */
  async run<K extends keyof Ops>(name: K, args: Arguments<K>): Promise<Answer<K>> {
    const operation = await operationOf(name);
    if (operation.kind === 'read') return this.#read((context) => operation.run(context, args));
    const { prepare } = operation;
    if (prepare && !(await this.#read((context) => prepare(context, args)))) return operation.idle as Answer<K>;
    return new Promise<unknown>((resolve, reject) => {
      this.#queue.push({ operation: operation as Waiting['operation'], args, resolve, reject });
      this.#flushing ??= this.#flush();
    }) as Promise<Answer<K>>;
  }

  watch(listener: () => void): () => void {
    return this.#watch.add(listener);
  }

  keepLease(worker: string): void {
    const renew = () => this.run('renew', { worker }).catch(() => {}); // the next verb of the worker tells it
    this.dropLease(worker);
    this.#leases.set(worker, setInterval(renew, RENEW_EVERY).unref());
  }

  dropLease(worker: string): void {
    clearInterval(this.#leases.get(worker));
    this.#leases.delete(worker);
  }

  /** Waits for what was asked, then closes the file. */
  async close(): Promise<void> {
    for (const lease of this.#leases.values()) clearInterval(lease);
    this.#watch.close();
    await this.#flushing;
    this.#db.close();
  }

  #read<T>(body: (context: Context) => T): Promise<T> {
    return patiently(this.#db.path, () => {
      this.#db.refuseGone();
      return this.#db.transaction(false, () => body(this.#context()));
    });
  }

  #context(): Context {
    const { source } = this.#clock;
    return { db: this.#db, now: source.now(), mono: source.mono(), clock: this.#clock };
  }

  async #flush(): Promise<void> {
    await new Promise(setImmediate); // lets everything asked in this turn join
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      await this.#commit(batch);
    }
    this.#flushing = undefined;
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    try {
      const answers = await patiently(this.#db.path, () => {
        this.#db.refuseGone();
        return this.#db.transaction(true, () => this.#runAll(batch));
      });
      if (answers.some(({ loud }) => loud)) this.#wake();
      answers.forEach((answer, index) => {
        if ('error' in answer) batch[index]?.reject(answer.error);
        else batch[index]?.resolve(answer.answer);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  /** `loud`: it wrote what others may wait for. One that found nothing to do wakes nobody, its own asker least of all. */
  #runAll(batch: readonly Waiting[]): (({ answer: unknown } | { error: unknown }) & { loud: boolean })[] {
    const context = this.#context();
    return batch.map(({ operation, args }) => {
      const before = this.#db.changes();
      const done = this.#db.savepoint(() => operation.run(context, args as never));
      return { ...done, loud: !operation.silent && this.#db.changes() > before };
    });
  }

  /** Tells the waiters of this process directly and those of others by touching the file that they watch. */
  #wake(): void {
    this.#watch.notify();
    try {
      const now = new Date();
      utimesSync(wakeFile(this.#db.folder), now, now);
    } catch {
      // Others find the commit by polling.
    }
  }
}

/** Repeats what found the file held by others, with growing, random pauses. */
async function patiently<T>(path: string, body: () => T): Promise<T> {
  const start = performance.now();
  for (let pause = 1; ; pause = Math.min(pause * 1.5, 50)) {
    try {
      return body();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() - start > PATIENCE) {
        const message = `${path} was held by other processes for ${PATIENCE / 1000} s; nothing of this request was stored`;
        throw new StoreError(message, { cause: error, details: { reason: 'busy' } });
      }
      await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())));
    }
  }
}
