/** One open store file: its statements, its transactions, its checks. Everything here is synchronous. */
import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreError } from '../errors/refusal.ts';
import { type Connection, connect, faultOf, type Row, type Statement, type Value } from './driver.ts';
import { prepareFolder } from './folder.ts';
import { APPLICATION_ID, migrate, pragma, SCHEMA, schemaOf } from './schema.ts';

/** SQLite waits this long itself; then the caller retries without blocking its thread. In milliseconds. */
const BUSY_TIMEOUT = 20;

/** The log is cut back to 8 MiB when it begins anew, which it does after 4 MiB unless one commit was larger. */
const PRAGMAS = `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;
  PRAGMA journal_size_limit = 8388608`;

export class Database {
  readonly path: string;
  readonly folder: string;
  readonly #connection: Connection;
  readonly #statements = new Map<string, Statement>();
  /** Device and inode of the file that was opened. */
  readonly #file: string;

  /** Opens the file, makes or migrates it. Throws the driver's busy error when others hold it: try again. */
  constructor(path: string) {
    this.path = path;
    this.folder = dirname(path);
    prepareFolder(path);
    this.#connection = openConnection(path);
    const { dev, ino } = statSync(path);
    this.#file = `${dev}:${ino}`;
    try {
      this.#connection.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
      this.exec('BEGIN'); // one snapshot: another process may be making the tables
      this.#checkSchema();
      this.exec('COMMIT');
      this.#connection.exec(PRAGMAS);
      if (schemaOf(this.#connection).version < SCHEMA) migrate(this.#connection, (version) => this.#backUp(version));
    } catch (error) {
      this.#connection.close();
      throw storeFault(error, path);
    }
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

  /** How many rows were ever written by this connection. */
  changes(): number {
    return Number(this.get('SELECT total_changes() AS n')?.n);
  }

  /** Changes whenever another connection commits; not for commits of this one. */
  dataVersion(): number {
    return pragma(this.#connection, 'data_version');
  }

  /** Runs `body` in a transaction; `write` takes the write lock at once. Rolls back on any error. */
  transaction<T>(write: boolean, body: () => T): T {
    try {
      this.exec(write ? 'BEGIN IMMEDIATE' : 'BEGIN');
      this.#refuseNewer();
      const answer = body();
      this.exec('COMMIT');
      return answer;
    } catch (error) {
      this.#rollback();
      throw storeFault(error, this.path);
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

  /** SQLite goes on writing into a file that was removed or replaced; nobody would ever read that. */
  refuseGone(): void {
    const found = statSync(this.path, { throwIfNoEntry: false });
    if (found && `${found.dev}:${found.ino}` === this.#file) return;
    throw new StoreError(`the store ${this.path} was removed or replaced while it was open`, {
      details: { reason: 'gone' },
    });
  }

  close(): void {
    this.#statements.clear();
    this.#connection.close();
  }

  #statement(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#connection.prepare(sql);
    this.#statements.set(sql, statement);
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
  }

  #refuseNewer(): void {
    const version = Number(this.get('PRAGMA user_version')?.user_version);
    if (version > SCHEMA) throw newerSchema(this.path, version);
  }

  /** By a connection of its own, since none can copy inside of its transaction. A copy that was not finished goes. */
  #backUp(version: number): void {
    const copy = `${this.path}.v${version}-${Date.now()}.bak`;
    closeSync(openSync(copy, 'wx', 0o600)); // SQLite fills an empty file, and keeps its mode
    const connection = openConnection(this.path);
    try {
      connection.prepare('VACUUM INTO ?').run(copy);
    } catch (error) {
      rmSync(copy, { force: true });
      throw error;
    } finally {
      connection.close();
    }
  }
}

function openConnection(path: string): Connection {
  try {
    return connect(path);
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    throw new StoreError(`the store ${path} cannot be opened: ${(cause as Error).message}`, { cause });
  }
}

function newerSchema(path: string, version: number): StoreError {
  return new StoreError(
    `${path} has schema ${version}, this version of offstage knows ${SCHEMA}: a newer version has upgraded it; upgrade offstage`,
    { details: { reason: 'newer_schema', schema: version, known: SCHEMA } },
  );
}

/** True for the driver's "somebody else holds it": nothing was done, so the caller may simply try again. */
export function isBusy(error: unknown): boolean {
  const fault = faultOf(error);
  return fault === 'busy' || fault === 'locked';
}

const FAULTS: Partial<Record<string, string>> = {
  notadb: 'is not an SQLite database; choose another file for the store',
  full: 'cannot be written: the disk is full; nothing of this request was stored',
  readonly: 'cannot be written: it is read-only',
  cantopen: 'cannot be opened',
  ioerr: 'cannot be read or written: the disk reports an error',
  corrupt: 'is damaged; restore it from a backup',
};

/** Turns a fault of SQLite into a `StoreError` that says what it means; busy ones and others pass as they are. */
function storeFault(error: unknown, path: string): unknown {
  const fault = faultOf(error);
  const meaning = fault && FAULTS[fault];
  return meaning ? new StoreError(`${path} ${meaning}`, { cause: error, details: { reason: fault } }) : error;
}
