/**
 * Runs operations on one database.
 *
 * 1. Reads of one turn of the event loop run at its end in one snapshot. Writes that are asked for while a commit runs form the next one (group commit): one
 *    fsync answers them all, and none is answered before it is durable.
 *    What nobody waits for (`isLate`) begins none for a moment: most often another write comes and takes it along.
 * 2. One write's error undoes that write only; a fault of SQLite undoes the batch and every caller is told.
 * 3. While another process holds the lock, the batch waits and tries again; nothing was done until then. What reading asks
 *    for on the way (`bestEffort`) waits shortly, and is left undone.
 * 4. A file of an older schema is read as it is; the first write brings it forward, if it may.
 */
import { utimesSync } from 'node:fs';
import { storeReason } from '../errors/refusal.ts';
import { ClockWatch, RENEW_EVERY, type StoreClock, systemClock } from './clock.ts';
import { Database } from './database.ts';
import { logLost, readOnlyStore } from './faults.ts';
import { wakeFile, whyReadOnly } from './folder.ts';
import { isLogCutOff, isLogMissing } from './log-files.ts';
import { operationOf } from './ops/index.ts';
import type { Answer, Arguments, Context, Operation } from './ops/operation.ts';
import { PATIENCE, patiently } from './patience.ts';
import { type Answered, answersTo, type Reading, Reads } from './reads.ts';
import { SCHEMA } from './schema.ts';
import type { Ops } from './types.ts';
import { Watch } from './watch.ts';

/** Milliseconds that others may hold up a read, which waits for nobody unless somebody has locked even readers out. */
const READ_PATIENCE = 1_500;
/** The same of what is left undone then. */
const BEST_EFFORT_PATIENCE = 600;

/** Milliseconds that what nobody waits for may be held back. */
const LATE = 20;

/** Milliseconds between two looks after the log of a store that is open and not used. */
const GUARD_EVERY = 1_500;

interface Waiting {
  operation: Operation<keyof Ops> & { kind: 'write' };
  args: unknown;
  /** When it was asked, by the monotonic clock. */
  since: number;
  isLate: boolean;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/** It wrote what others may wait for (`loud`). One that found nothing to do wakes nobody, its own asker least of all. */
type Done = Answered & { loud: boolean };

/** Opens the file, waiting while others hold it. */
export async function openHost(path: string, clock: StoreClock = systemClock): Promise<Host> {
  const db = await openDatabase(path);
  if (db.version < SCHEMA) db.views = await import('./older.ts');
  return new Host(db, clock);
}

/** Loads what opening and writing may need later, when the files of this package may be gone. */
export const loadHost = () =>
  Promise.all([import('./older.ts'), import('./upgrade.ts'), import('./read-only.ts'), import('./holders.ts')]);

async function openDatabase(path: string): Promise<Database> {
  const why = whyReadOnly(path);
  if (why !== undefined) {
    const { openReadOnly } = await import('./read-only.ts');
    return new Database(path, openReadOnly(path, why === 'EROFS'));
  }
  if (isLogCutOff(path)) await (await import('./holders.ts')).awaitLog(path);
  return patiently(path, PATIENCE, () => new Database(path));
}

export class Host {
  readonly #db: Database;
  readonly #clock: ClockWatch;
  readonly #watch: Watch;
  readonly #leases = new Map<string, NodeJS.Timeout>();
  readonly #guard: NodeJS.Timeout | undefined;
  readonly #reads = new Reads((asked) => this.#readAll(asked));
  /** What is not answered yet. */
  readonly #asked = new Set<Promise<unknown>>();
  /** What was asked in this turn, of operations that many ask for at once. */
  readonly #shared = new Map<keyof Ops, Promise<unknown>>();
  #queue: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  /** Until then what nobody waits for is held back. */
  #late: NodeJS.Timeout | undefined;
  /** What was left undone. */
  #owed: Waiting['operation'] | undefined;
  /** The lock was held when something was left undone: until a commit succeeds nothing of that kind waits again. */
  #held = false;
  #renewing: Promise<void> | undefined;
  #warned = false;
  #judge: typeof import('./upgrade.ts').refuseOlderWorkers | undefined;

  constructor(db: Database, clock: StoreClock) {
    this.#db = db;
    this.#clock = new ClockWatch(clock);
    this.#watch = new Watch(wakeFile(db.folder), () => db.dataVersion());
    if (!db.isReadOnly) this.#guard = setInterval(() => this.#look(), GUARD_EVERY).unref();
  }

  /** Runs one operation; the answer is durable when it arrives. */
  run<K extends keyof Ops>(name: K, args: Arguments<K>): Promise<Answer<K>> {
    const answer = this.#run(name, args);
    const forget = () => this.#asked.delete(answer);
    this.#asked.add(answer);
    answer.then(forget, forget);
    return answer;
  }

  async #run<K extends keyof Ops>(name: K, args: Arguments<K>): Promise<Answer<K>> {
    const operation = await operationOf(name);
    if (operation.kind === 'read' || !operation.isShared) return this.#runOne(operation, args);
    const shared = this.#shared.get(name) ?? this.#runOne(operation, args);
    this.#shared.set(name, shared);
    return shared as Promise<Answer<K>>;
  }

  async #runOne<K extends keyof Ops>(operation: Operation<K>, args: Arguments<K>): Promise<Answer<K>> {
    if (operation.kind === 'read') return this.#reads.ask((context) => operation.run(context, args));
    const { prepare } = operation;
    if (operation.isLook?.(args)) {
      return this.#reads.ask((context) => {
        prepare?.(context, args);
        return operation.run(context, args);
      });
    }
    if (prepare && !(await this.#reads.ask((context) => prepare(context, args)))) return operation.idle as Answer<K>;
    if (this.#isNotNow(operation)) return this.#leaveUndone(operation) as Answer<K>;
    if (this.#db.isReadOnly) throw readOnlyStore(this.#db.path);
    return new Promise<unknown>((resolve, reject) => {
      const since = performance.now();
      const isLate = operation.isLate?.(args) ?? false;
      this.#queue.push({ operation: operation as Waiting['operation'], args, since, isLate, resolve, reject });
      if (isLate) this.#late ??= setTimeout(() => this.#flushLate(), LATE);
      else this.#flushing ??= this.#flush();
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
    clearInterval(this.#guard);
    this.#watch.close();
    this.#flushLate();
    while (this.#asked.size > 0) await Promise.allSettled(this.#asked);
    await this.#renewing;
    if (this.#db.isLost) await this.#db.letGo();
    else this.#db.close();
  }

  /** Whether the log was removed: nobody else can use the store until this process has renewed it. */
  #look(): void {
    if (isLogMissing(this.#db.path)) this.#reads.ask(() => {}).catch(() => {}); // the next verb tells it
  }

  #readAll(asked: readonly Reading[]): Promise<Answered[]> {
    this.#shared.clear();
    return this.#patiently(READ_PATIENCE, () =>
      this.#db.transaction(false, () => answersTo(asked, { ...this.#context(), isSnapshot: true })),
    );
  }

  /** As `patiently`; where the log was removed it begins a new one first, with all that was committed. */
  async #patiently<T>(patience: number, body: () => T, onBusy?: () => Promise<boolean>): Promise<T> {
    const unlessRenewing = (): T => {
      if (this.#renewing !== undefined) throw logLost(this.#db.path); // another operation has begun to renew it
      return body();
    };
    for (;;) {
      try {
        return await patiently(this.#db.path, patience, unlessRenewing, onBusy);
      } catch (error) {
        if (storeReason(error) !== 'log_lost') throw error;
        this.#renewing ??= this.#renew();
        await this.#renewing;
      }
    }
  }

  async #renew(): Promise<void> {
    try {
      await patiently(this.#db.path, PATIENCE, () => this.#db.renewLog());
    } finally {
      this.#renewing = undefined;
    }
  }

  #context(): Context {
    const { source } = this.#clock;
    return { db: this.#db, now: source.now(), mono: source.mono(), clock: this.#clock };
  }

  #isNotNow({ bestEffort }: { bestEffort?: 'current' | 'upgrade' }): boolean {
    if (bestEffort === undefined) return false;
    return this.#db.isReadOnly || (bestEffort === 'current' && this.#db.version < SCHEMA);
  }

  #leaveUndone(operation: { isOwed?: true; idle?: unknown }): unknown {
    if (operation.isOwed) this.#owed = operation as Waiting['operation'];
    return operation.idle;
  }

  #flushLate(): void {
    clearTimeout(this.#late);
    this.#late = undefined;
    if (this.#queue.length > 0) this.#flushing ??= this.#flush();
  }

  async #flush(): Promise<void> {
    await new Promise(setImmediate); // lets everything asked in this turn join
    while (this.#queue.some(({ isLate }) => !isLate || this.#late === undefined)) {
      const batch = this.#queue;
      this.#queue = [];
      if (this.#db.version < SCHEMA) this.#judge ??= (await import('./upgrade.ts')).refuseOlderWorkers;
      await this.#commit(batch);
    }
    this.#flushing = undefined;
  }

  async #commit(asked: readonly Waiting[]): Promise<void> {
    let batch = asked;
    const leaveLate = async (): Promise<boolean> => {
      batch = await this.#leaveLate(batch);
      return batch.length > 0;
    };
    try {
      const answers = await this.#patiently(PATIENCE, () => this.#write(batch), leaveLate);
      this.#answer(batch, answers);
    } catch (error) {
      this.#refuse(batch, error);
    }
  }

  #write(batch: readonly Waiting[]): Done[] {
    const judge = this.#judge;
    if (this.#db.version < SCHEMA) this.#db.upgrade(() => judge?.(this.#context()));
    return this.#db.transaction(true, () => this.#runAll(batch));
  }

  #answer(batch: readonly Waiting[], answers: readonly Done[]): void {
    this.#held = false;
    this.#owed = undefined;
    if (answers.some(({ loud }) => loud)) this.#wake();
    answers.forEach((answer, index) => {
      if ('error' in answer) batch[index]?.reject(answer.error);
      else batch[index]?.resolve(answer.answer);
    });
  }

  /** A store that cannot be written can still be read; one that is gone cannot. */
  #refuse(batch: readonly Waiting[], error: unknown): void {
    const passes = LEAVES_READABLE.includes(storeReason(error));
    for (const { operation, resolve, reject } of batch) {
      if (passes && operation.bestEffort) resolve(this.#leaveUndone(operation));
      else reject(error);
    }
  }

  /** Leaves undone what does not wait for the lock that long, in this batch and behind it; gives back the rest of it. */
  async #leaveLate(batch: readonly Waiting[]): Promise<Waiting[]> {
    const late = [...batch, ...this.#queue].filter((waiting) => this.#isLate(waiting));
    if (late.length > 0) await this.#warnHeld();
    if (late.length > 0) this.#held = true;
    for (const { operation, resolve } of late) resolve(this.#leaveUndone(operation));
    this.#queue = this.#queue.filter((waiting) => !late.includes(waiting));
    return batch.filter((waiting) => !late.includes(waiting));
  }

  #isLate({ operation: { bestEffort }, since }: Waiting): boolean {
    if (bestEffort === undefined) return false;
    return this.#held || performance.now() - since >= BEST_EFFORT_PATIENCE;
  }

  /** Readers see what was committed before, and nothing that is due is decided. */
  async #warnHeld(): Promise<void> {
    if (this.#warned) return;
    this.#warned = true;
    const { toldOf, writersOf } = await import('./holders.ts');
    const message = `${this.#db.path} is held by ${toldOf(writersOf(this.#db.path))}: what is shown is what was stored before`;
    process.emitWarning(message, { code: 'OFFSTAGE_STORE_HELD' });
  }

  #runAll(batch: readonly Waiting[]): Done[] {
    const context = this.#context();
    const owed = this.#owed;
    if (owed !== undefined) this.#db.savepoint(() => owed.run(context, {} as never));
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

/** Reasons why nothing was written, of a store that is there and whole. */
const LEAVES_READABLE: readonly unknown[] = ['busy', 'full', 'readonly', 'older_worker'];
