/** The SQLite driver: `node:sqlite`, or on Node 20 its twin `@photostructure/sqlite`, which has the same interface. */
import { StoreError } from '../../errors/refusal.ts';
import { requirePackage } from '../../platform/package.ts';
import type { Row, Value } from '../../ports/backend.ts';

/** A prepared statement, as both drivers have it. */
export interface Statement {
  get(...values: Value[]): Row | undefined;
  all(...values: Value[]): Row[];
  run(...values: Value[]): { changes: number | bigint; lastInsertRowid: number | bigint };
}

/** A connection, as both drivers have it. */
export interface Connection {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

/** How to open it; a path may be a `file:` URL with SQLite's own parameters. */
export interface ConnectionOptions {
  readOnly?: boolean;
}

interface Driver {
  DatabaseSync: new (path: string, options: ConnectionOptions) => Connection;
}

export const INSTALL_LINE = 'npm install @photostructure/sqlite@1';

let driver: Driver | undefined;
let isBuiltin = false;

/** Opens a connection. The driver is loaded at the first call, never at import. */
export function connect(path: string, options: ConnectionOptions = {}): Connection {
  driver ??= loadDriver();
  return new driver.DatabaseSync(path, options);
}

/** Which driver is used, and its SQLite's version. `StoreError` when there is none. */
export function driverInUse(): { driver: string; version: string } {
  const connection = connect(':memory:');
  try {
    const version = String(connection.prepare('SELECT sqlite_version() AS version').get()?.version);
    return { driver: isBuiltin ? 'node:sqlite' : '@photostructure/sqlite', version };
  } finally {
    connection.close();
  }
}

function loadDriver(): Driver {
  const builtin = quietly(() => process.getBuiltinModule?.('node:sqlite') as Driver | undefined);
  isBuiltin = builtin !== undefined;
  if (builtin) return builtin;
  try {
    return requirePackage('@photostructure/sqlite') as Driver;
  } catch (cause) {
    throw new StoreError(
      `this Node (${process.version}) has no SQLite of its own; install the one it needs: ${INSTALL_LINE}`,
      { cause },
    );
  }
}

/** Node 22 and 24 warn that `node:sqlite` is experimental; a user of offstage can do nothing about that. */
function quietly<T>(load: () => T): T {
  const emit = process.emitWarning;
  process.emitWarning = () => {};
  try {
    return load();
  } finally {
    process.emitWarning = emit;
  }
}

/** The primary result codes of SQLite (sqlite.org/rescode.html) that we tell apart. */
const CODES = { busy: 5, locked: 6, readonly: 8, ioerr: 10, corrupt: 11, full: 13, cantopen: 14, notadb: 26 } as const;
/** There was no room for the log's index, which reading needs as well; extended codes keep the primary in their last byte. */
const IOERR_SHMSIZE = 4874;
export type SqliteFault = keyof typeof CODES;

/** Which fault an error of the driver stands for; undefined when it is not one of SQLite's or not told apart. */
export function faultOf(error: unknown): SqliteFault | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { errcode, sqliteCode, sqliteExtendedCode } = error as Partial<Record<string, unknown>>;
  const code = [sqliteExtendedCode, errcode, sqliteCode].find((each) => typeof each === 'number') as number | undefined;
  if (code === undefined) return byMessage(error);
  if (code === IOERR_SHMSIZE) return 'full';
  const found = Object.entries(CODES).find(([, primary]) => primary === (code & 0xff));
  return found?.[0] as SqliteFault | undefined;
}

/** SQLite's own texts (`sqlite3_errstr`): `@photostructure/sqlite` gives no code for what goes wrong in the midst of `all`. */
const MESSAGES: Readonly<Record<string, SqliteFault>> = {
  'database is locked': 'busy',
  'database table is locked': 'locked',
  'attempt to write a readonly database': 'readonly',
  'disk I/O error': 'ioerr',
  'database disk image is malformed': 'corrupt',
  'database or disk is full': 'full',
  'unable to open database file': 'cantopen',
  'file is not a database': 'notadb',
};

function byMessage(error: object): SqliteFault | undefined {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return code === 'ERR_SQLITE_ERROR' ? MESSAGES[String(message)] : undefined;
}
