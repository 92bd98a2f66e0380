/** One open store file: its statements, its transactions, its checks. Everything here is synchronous. */
import { dirname } from 'node:path';
import { StoreError } from '../../errors/refusal.ts';
import type { Program, Query, Row, Value } from '../../ports/backend.ts';
import { MEMORY } from '../address.ts';
import { isOne, isSelect } from '../sql/statement.ts';
import { copyInto, openConnection } from './copy.ts';
import { type Connection, faultOf, type Statement } from './driver.ts';
import { gone, isBusy, newerSchema, storeFault } from './faults.ts';
import { prepareFolder } from './folder.ts';
import { OpenFiles } from './log-files.ts';
import { APPLICATION_ID, migrate, SCHEMA, schemaOf } from './schema.ts';

/** SQLite waits this long itself; then the caller retries without blocking its thread. In milliseconds. */
const BUSY_TIMEOUT = 20;

/** The log is cut back to 8 MiB when it begins anew, which it does after 4 MiB unless one commit was larger. */
const PRAGMAS = `PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 8388608`;

/** A connection to a store that cannot be written. */
export interface ReadOnly {
  connection: Connection;
  /** Removes what was made for it. */
  leave(): void;
}

/** How a file of an older schema is shown: `older.ts`, which few processes need. */
export type Views = Pick<typeof import('./older.ts'), 'makeViews' | 'dropViews'>;

export class Database {
  readonly path: string;
  readonly folder: string;
  readonly #readOnly: ReadOnly | undefined;
  /** None while its log is renewed. */
  #open: Connection | undefined;
  readonly #statements = new Map<string, Statement>();
  /** None of a database in memory. */
  #files: OpenFiles | undefined;
  #changes = 0;
  #version = 0;
  /** The schema that the views show; without views it is the newest. */
  #shown: number = SCHEMA;
  /** To be set before the first transaction on a file of an older schema. */
  views: Views | undefined;

  /**
   * Opens the file, or makes it. One of an older schema is brought forward by `upgrade` only. Throws the driver's busy error
   * when others hold it: try again.
   */
  constructor(path: string, readOnly?: ReadOnly) {
    this.path = path;
    this.folder = dirname(path);
    this.#readOnly = readOnly;
    if (readOnly === undefined && this.isShared) prepareFolder(path);
    this.#open = readOnly?.connection ?? openConnection(path);
    this.#files = this.isShared ? new OpenFiles(path) : undefined;
    this.#setUp();
  }

  /** The schema of the file, as it was last met. */
  get version(): number {
    return this.#version;
  }

  /** Other processes may have it open. */
  get isShared(): boolean {
    return this.path !== MEMORY;
  }

  get isReadOnly(): boolean {
    return this.#readOnly !== undefined;
  }

  get<T = Row>(sql: string, ...values: Value[]): T | undefined {
    return this.#statement(sql).get(...values) as T | undefined;
  }

  all<T = Row>(sql: string, ...values: Value[]): T[] {
    return this.#statement(sql).all(...values) as T[];
  }

  run(sql: string, ...values: Value[]): { changes: number; rowid: number } {
    const { changes, lastInsertRowid } = this.#statement(sql).run(...values);
    return { changes: Number(changes), rowid: Number(lastInsertRowid) };
  }

  exec(sql: string): void {
    this.#connection.exec(sql);
  }

  /** Runs a program to its end, inside a transaction. An error of a statement ends it where it stands. */
  drive<T>(program: Program<T>): T {
    let step = program.next();
    while (!step.done) {
      const asked = step.value;
      step = program.next(isOne(asked) ? this.#answer(asked) : asked.map((query) => this.#answer(query)));
    }
    return step.value;
  }

  #answer({ name, sql, isComposed, answers, values }: Query): unknown {
    const statement = this.#statement(sql, isComposed ? sql : name);
    if (answers === 'changes' || answers === 'key') {
      const before = this.#changes;
      this.#changes += 1; // one that is refused may have written some of its rows
      const { changes, lastInsertRowid } = statement.run(...values);
      this.#changes = isControl(sql) ? before : before + Number(changes); // what controls tells what was written before
      return Number(answers === 'key' ? lastInsertRowid : changes);
    }
    const answer = answers === 'row' ? statement.get(...values) : statement.all(...values);
    if (isSelect(sql)) return answer;
    this.#changes += Array.isArray(answer) ? answer.length : Number(answer !== undefined);
    return answer;
  }

  /** How many rows programs have written, as far as their statements say: more when some were. */
  changes(): number {
    return this.#changes;
  }

  /** Changes whenever another connection commits; not for commits of this one. */
  dataVersion(): number {
    return Number(this.get('PRAGMA data_version')?.data_version);
  }

  /** Runs `body` in a transaction; `write` takes the write lock at once. Rolls back on any error. */
  transaction<T>(write: boolean, body: () => T): T {
    try {
      if (!write && !this.isReadOnly && this.#files?.wereLookedAt === false) this.#files.refuseLost();
      this.exec(write ? 'BEGIN IMMEDIATE' : 'BEGIN');
      this.#meet(write);
      const answer = body();
      this.exec('COMMIT');
      return answer;
    } catch (error) {
      this.#rollback();
      if (faultOf(error) !== undefined && !this.isReadOnly) this.#files?.refuseLost(); // that is why, or matters more
      throw storeFault(error, this.path);
    }
  }

  /**
   * Runs `body` inside a transaction; an error of its own is answered while it has written nothing, that is while `changes()` is
   * `before`. One that comes later throws `HALF_DONE`: then all is to be done anew with savepoints, which cost more than most
   * bodies write.
   */
  unsaved<T>(body: () => T, before: number): { answer: T } | { error: unknown } {
    try {
      return { answer: body() };
    } catch (error) {
      if (faultOf(error) || error === HALF_DONE) throw error;
      if (this.changes() > before) throw HALF_DONE;
      return { error };
    }
  }

  /** Runs `body` inside a transaction; an error of its own undoes only what it did, a fault of SQLite everything. */
  savepoint<T>(body: () => T): { answer: T } | { error: unknown } {
    this.exec('SAVEPOINT op');
    try {
      const answer = body();
      this.exec('RELEASE op');
      return { answer };
    } catch (error) {
      if (faultOf(error)) throw error;
      this.exec('ROLLBACK TO op; RELEASE op');
      return { error };
    }
  }

  /**
   * Makes the tables, or brings them to the newest schema after a copy of the file, whose path it answers. `judge` may
   * refuse that: it reads the file as it is, behind the lock. Throws the driver's busy error when others hold the lock.
   */
  upgrade(judge: () => void): string | undefined {
    let copy: string | undefined;
    try {
      this.#show(SCHEMA);
      this.exec('PRAGMA journal_mode = WAL');
      migrate(this.#connection, (version) => {
        this.#show(version);
        judge();
        this.#show(SCHEMA);
        copy = this.#backUp(version);
      });
      this.#version = SCHEMA;
      return copy;
    } catch (error) {
      this.#shown = SCHEMA; // what was shown inside the transaction has gone with it
      throw storeFault(error, this.path);
    }
  }

  /**
   * After `log_lost`: brings what was committed into the file and opens it anew, so that nothing is lost. Nothing may be
   * asked meanwhile. `StoreError` (`gone`) when others have gone on without it; the driver's busy error: try again.
   */
  async renewLog(): Promise<void> {
    if (!this.#files?.mayLetGo(() => this.saveLog())) throw gone(this.path);
    if (!(await this.#letGo())) throw gone(this.path);
    this.#open = openConnection(this.path);
    this.#files = new OpenFiles(this.path);
    this.#shown = SCHEMA;
    this.#setUp();
  }

  /** Brings what was committed into the file, and empties the log. Throws the driver's busy error. */
  saveLog(): void {
    const { busy } = this.#connection.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() ?? {};
    if (busy !== 0) throw Object.assign(new Error('the log cannot be saved now'), { errcode: 5 }); // as the driver says busy
  }

  /** Whether the file or its log was removed or replaced. */
  get isLost(): boolean {
    return !this.isReadOnly && this.#files?.lost() !== undefined;
  }

  /** Closes it once what stands by its names now may belong to others. */
  async leave(): Promise<void> {
    await this.#part((files, close) => files.leave(close));
  }

  /** The same, to open it anew. False when this process has its index open still. */
  #letGo(): Promise<boolean> {
    return this.#part((files, close) => files.letGo(close));
  }

  async #part(how: (files: OpenFiles, close: () => void) => Promise<boolean>): Promise<boolean> {
    this.#statements.clear();
    const open = this.#open;
    this.#open = undefined;
    return open === undefined || this.#files === undefined || how(this.#files, () => open.close());
  }

  close(): void {
    this.#statements.clear();
    this.#open?.close();
    this.#readOnly?.leave();
  }

  get #connection(): Connection {
    if (this.#open === undefined) throw gone(this.path);
    return this.#open;
  }

  #setUp(): void {
    try {
      this.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
      this.exec('BEGIN'); // one snapshot: another process may be making the tables
      this.#checkSchema();
      this.exec('COMMIT');
      this.exec(PRAGMAS);
      if (this.isReadOnly) return;
      if (this.#version === 0) this.upgrade(() => {});
      else this.#useLog();
    } catch (error) {
      this.close();
      throw storeFault(error, this.path);
    }
  }

  /** A file that was restored or worked on by hand may be none with a log; whoever holds it may keep it so for now. */
  #useLog(): void {
    try {
      this.exec('PRAGMA journal_mode = WAL');
    } catch (error) {
      if (!isBusy(error)) throw error;
    }
  }

  /** The file, its log and its schema may be others than in the last transaction. The first read takes the snapshot. */
  #meet(write: boolean): void {
    const version = Number(this.get('PRAGMA user_version')?.user_version);
    if (write) this.#files?.refuseLost(); // behind the lock: whoever renews the log takes it first
    if (version > SCHEMA) throw newerSchema(this.path, version);
    this.#version = version;
    if (version !== this.#shown) this.#show(version);
  }

  #show(version: number): void {
    if (version === this.#shown) return;
    this.#statements.clear();
    this.views?.dropViews(this.#connection);
    if (version < SCHEMA) this.views?.makeViews(this.#connection, version);
    this.#shown = version;
  }

  #statement(sql: string, key = sql): Statement {
    const known = this.#statements.get(key);
    if (known) return known;
    const statement = this.#connection.prepare(sql);
    this.#statements.set(key, statement);
    return statement;
  }

  #rollback(): void {
    try {
      this.exec('ROLLBACK');
    } catch {
      // There is none: BEGIN failed, or SQLite has rolled back by itself, as it does for a full disk.
    }
  }

  #checkSchema(): void {
    const { version, application } = schemaOf(this.#connection);
    if (version > SCHEMA && application === APPLICATION_ID) throw newerSchema(this.path, version);
    const tables = Number(this.#connection.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.n ?? 0);
    if (application !== APPLICATION_ID && (tables > 0 || version > 0)) {
      throw new StoreError(`${this.path} is an SQLite file of another program; choose another file for the store`);
    }
    this.#version = version;
  }

  #backUp(version: number): string {
    const copy = `${this.path}.v${version}-${Date.now()}.bak`;
    copyInto(this.path, copy);
    return copy;
  }
}

/** What a body threw after it had written something. */
export const HALF_DONE = new Error('a part of a transaction has failed half-way');

const isControl = (sql: string): boolean => /^(SAVEPOINT|RELEASE|ROLLBACK)\b/.test(sql);
