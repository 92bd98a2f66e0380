/**
 * Keeps a store in one SQLite file.
 *
 * 1. Reads of one turn of the event loop run at its end in one snapshot. Writes that are asked for while a commit runs form
 *    the next one (group commit): one fsync answers them all, and none is answered before it is durable. One lock is that of
 *    all others. What nobody waits for begins none for a moment: most often another write comes and takes it along.
 * 2. One program's error undoes that program only; a fault of SQLite undoes the batch and every caller is told.
 * 3. While another process holds the lock, the batch waits and begins again; nothing was done until then. What may be left
 *    undone waits shortly.
 * 4. A file of an older schema is read as it is; the first write brings it forward, if it may.
 */
import { storeReason } from '../../errors/refusal.ts';
import type { Backend, Commit, LeaveUndone, Moment, Program, Topic, WriteOptions } from '../../ports/backend.ts';
import { messageOf } from '../../wire/message.ts';
import { commitOf, type Done, type Wakes } from './commit.ts';
import { type Database, HALF_DONE } from './database.ts';
import { LEAVES_READABLE, logLost, readOnlyStore } from './faults.ts';
import { wakeFile } from './folder.ts';
import { isLogMissing, look } from './log-files.ts';
import { loadHeld, PATIENCE, patiently } from './patience.ts';
import { type Answered, answersTo, type Reading, Reads } from './reads.ts';
import { SCHEMA } from './schema.ts';
import { Since } from './since.ts';
import { type StoreClock, systemClock } from './system-clock.ts';
import { touchWakeFile, Watch } from './watch.ts';

/** Milliseconds that others may hold up a read, which waits for nobody unless somebody has locked even readers out. */
const READ_PATIENCE = 1_500;
/** The same of what is left undone then. */
const LEAVE_PATIENCE = 600;

/** Milliseconds that what nobody waits for may be held back. */
const LATE = 20;

/** Milliseconds between two looks after the log of a store that is open and not used. */
const GUARD_EVERY = 1_500;

interface Waiting extends Wakes {
  program: (moment: Moment) => Program<unknown>;
  leaveUndone: LeaveUndone<unknown> | undefined;
  /** When it was asked, by the monotonic clock. */
  since: number;
  isLate: boolean;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/** Judges whether a file of an older schema may be brought forward: throws where it may not. */
export type Judge = (db: Database, moment: Moment) => void;

export class SqliteBackend implements Backend {
  readonly #db: Database;
  readonly #clock: StoreClock;
  readonly #mayUpgrade: () => Promise<Judge>;
  readonly #watch: Watch;
  readonly #guard: NodeJS.Timeout | undefined;
  readonly #reads = new Reads((asked) => this.#readAll(asked));
  #queue: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  /** Until then what nobody waits for is held back. */
  #late: NodeJS.Timeout | undefined;
  /** What was left undone. */
  #owed: Waiting['program'] | undefined;
  /** The lock was held when something was left undone: until a commit succeeds nothing of that kind waits again. */
  #held = false;
  #renewing: Promise<void> | undefined;
  #warned = false;
  #judge: Judge | undefined;
  readonly #since = new Since();

  constructor(db: Database, clock: StoreClock, mayUpgrade: () => Promise<Judge>, lookEvery?: number) {
    this.#db = db;
    this.#clock = clock;
    this.#mayUpgrade = mayUpgrade;
    this.#watch = new Watch(db.isShared ? wakeFile(db.folder) : undefined, () => db.dataVersion(), lookEvery);
    if (db.isShared && !db.isReadOnly) this.#guard = setInterval(() => this.#look(), GUARD_EVERY).unref();
  }

  get place(): string {
    return this.#db.path;
  }

  exists(): Promise<boolean> {
    return Promise.resolve(!this.#db.isShared || look(this.#db.path) !== undefined);
  }

  read<T>(program: (moment: Moment) => Program<T>): Promise<T> {
    return this.#reads.ask((moment) => this.#db.drive(program(moment)));
  }

  async write<T>(
    _locks: readonly string[],
    program: (moment: Moment) => Program<T>,
    { wakes, spares, ended, looksFor, leaveUndone, isLate = false }: WriteOptions<T>,
  ): Promise<T> {
    if (leaveUndone !== undefined && this.#isNotNow(leaveUndone)) return this.#leave(program, leaveUndone) as T;
    if (this.#db.isReadOnly) throw readOnlyStore(this.#db.path);
    return new Promise<unknown>((resolve, reject) => {
      const told = { wakes, spares: spares as Waiting['spares'], ended: ended as Waiting['ended'] };
      const about = { ...told, looksFor, leaveUndone, isLate };
      this.#queue.push({ program, ...about, since: systemClock.mono(), resolve, reject });
      if (isLate) this.#late ??= setTimeout(() => this.flush(), LATE);
      else this.#flushing ??= this.#flush();
    }) as Promise<T>;
  }

  /** One file tells of every commit, whatever it concerns. */
  watch(topics: readonly Topic[], listener: (commit?: Commit) => void): () => void {
    return this.#watch.add(topics, listener);
  }

  flush(): void {
    clearTimeout(this.#late);
    this.#late = undefined;
    if (this.#queue.length > 0) this.#flushing ??= this.#flush();
  }

  async close(): Promise<void> {
    clearInterval(this.#guard);
    this.#watch.close();
    this.flush();
    await this.#flushing;
    await this.#renewing;
    if (this.#db.isLost) await this.#db.leave();
    else this.#db.close();
  }

  /** Whether the log was removed: nobody else can use the store until this process has renewed it. */
  #look(): void {
    if (isLogMissing(this.#db.path)) this.#reads.ask(() => {}).catch(() => {}); // the next verb tells it
  }

  #readAll(asked: readonly Reading[]): Promise<Answered[]> {
    return this.#patiently(READ_PATIENCE, () =>
      this.#db.transaction(false, () => answersTo(asked, this.#moment(true))),
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
    this.#since.leave(); // another connection counts anew
    try {
      await patiently(this.#db.path, PATIENCE, () => this.#db.renewLog());
    } finally {
      this.#renewing = undefined;
    }
  }

  #moment(isSnapshot: boolean): Moment {
    const { writtenAt } = this.#clock;
    return {
      now: this.#clock.now(),
      mono: this.#clock.mono(),
      isSnapshot,
      isCurrent: this.#db.version >= SCHEMA,
      ...(writtenAt && this.#db.isShared ? { writtenAt: () => writtenAt(`${this.#db.path}-wal`) } : {}),
    };
  }

  #isNotNow({ upgrades }: LeaveUndone<unknown>): boolean {
    return this.#db.isReadOnly || (!upgrades && this.#db.version < SCHEMA);
  }

  #leave(program: Waiting['program'], { answer, isOwed }: LeaveUndone<unknown>): unknown {
    if (isOwed) this.#owed = program;
    return answer;
  }

  async #flush(): Promise<void> {
    do {
      await new Promise(setImmediate); // lets everything asked in this turn join, and what is answered go
      const batch = this.#queue;
      this.#queue = [];
      if (this.#db.version < SCHEMA) this.#judge ??= await this.#mayUpgrade();
      await this.#commit(batch);
    } while (this.#queue.some(({ isLate }) => !isLate || this.#late === undefined));
    this.#flushing = undefined;
  }

  async #commit(asked: readonly Waiting[]): Promise<void> {
    let batch = asked;
    const leaveLate = async (): Promise<boolean> => {
      batch = await this.#leaveLate(batch);
      return batch.length > 0;
    };
    const answers = await this.#patiently(PATIENCE, () => this.#write(batch), leaveLate).catch((error) => {
      this.#refuse(batch, error);
    });
    if (answers !== undefined) this.#answer(batch, answers);
  }

  #write(batch: readonly Waiting[]): Done[] {
    const judge = this.#judge;
    const before = this.#since.leave();
    if (this.#db.version < SCHEMA) this.#db.upgrade(() => judge?.(this.#db, this.#moment(false)));
    try {
      const { since, done } = this.#db.transaction(true, () => {
        const since = this.#since.meet(before, this.#db.dataVersion());
        const moment = { ...this.#moment(false), halfDone: HALF_DONE, since };
        return { since, done: this.#runAll(batch, moment, (body, before) => this.#db.unsaved(body, before)) };
      });
      this.#since.committed(since);
      return done;
    } catch (error) {
      if (error !== HALF_DONE) throw error;
      return this.#db.transaction(true, () => {
        return this.#runAll(batch, this.#moment(false), (body) => this.#db.savepoint(body));
      });
    }
  }

  #answer(batch: readonly Waiting[], answers: readonly Done[]): void {
    this.#held = false;
    const owed = this.#owed !== undefined; // nobody knows what that has changed
    this.#owed = undefined;
    if (answers.some(({ loud }) => loud)) this.#wake(() => (owed ? undefined : commitOf(batch, answers)));
    answers.forEach((answer, index) => {
      if ('error' in answer) batch[index]?.reject(answer.error);
      else batch[index]?.resolve(answer.answer);
    });
  }

  /** A store that cannot be written can still be read; one that is gone cannot. */
  #refuse(batch: readonly Waiting[], error: unknown): void {
    const passes = LEAVES_READABLE.includes(storeReason(error));
    for (const { program, leaveUndone, resolve, reject } of batch) {
      if (passes && leaveUndone) resolve(this.#leave(program, leaveUndone));
      else reject(error);
    }
  }

  /** Leaves undone what does not wait for the lock that long, in this batch and behind it; gives back the rest of it. */
  async #leaveLate(batch: readonly Waiting[]): Promise<Waiting[]> {
    const isLate = ({ leaveUndone, since }: Waiting): boolean =>
      leaveUndone !== undefined && (this.#held || systemClock.mono() - since >= LEAVE_PATIENCE);
    const late = [...batch, ...this.#queue].filter(isLate);
    if (late.length > 0) await this.#warnHeld();
    if (late.length > 0) this.#held = true;
    for (const { program, leaveUndone, resolve } of late) if (leaveUndone) resolve(this.#leave(program, leaveUndone));
    this.#queue = this.#queue.filter((waiting) => !late.includes(waiting));
    return batch.filter((waiting) => !late.includes(waiting));
  }

  /** Readers see what was committed before, and nothing that is due is decided. */
  async #warnHeld(): Promise<void> {
    if (this.#warned) return;
    this.#warned = true;
    const { toldOf, writersOf } = await loadHeld();
    const message = `${this.#db.path} is held by ${toldOf(writersOf(this.#db.path))}: what is shown is what was stored before`;
    process.emitWarning(message, { code: 'OFFSTAGE_STORE_HELD' });
  }

  /** `part`: how a program is run, so that its error is its own. */
  #runAll(batch: readonly Waiting[], moment: Moment, part: (body: () => unknown, before: number) => Answered): Done[] {
    let before = this.#db.changes();
    const run = (program: Waiting['program']): { done: Answered; wrote: boolean } => {
      const done = part(() => this.#db.drive(program(moment)), before);
      const wrote = this.#db.changes() > before;
      before = this.#db.changes();
      return { done, wrote };
    };
    const isLoud = this.#owed !== undefined && run(this.#owed).wrote; // nobody is told of that by itself
    return batch.map(({ program, wakes }) => {
      const { done, wrote } = run(program);
      return { ...done, loud: isLoud || (wrote && wakes.length > 0) };
    });
  }

  /**
   * Tells the waiters of this process directly and those of others by touching the file that they watch. It is committed: a fault
   * of theirs is no answer to who has asked for it.
   */
  #wake(commitOf: () => Commit | undefined): void {
    try {
      this.#watch.notify(commitOf());
    } catch (error) {
      process.emitWarning(`a commit was not told to all who wait: ${messageOf(error)}`, {
        code: 'OFFSTAGE_STORE_WAKE',
      });
    }
    if (this.#db.isShared) touchWakeFile(this.#db.folder);
  }
}
