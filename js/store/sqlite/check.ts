/** Looks whether a store's file is whole, without changing it. */
import { statSync } from 'node:fs';
import { StoreError } from '../../errors/refusal.ts';
import type { Checked } from '../../ports/store-file.ts';
import { STATUSES, type TaskStatus } from '../../wire/task.ts';
import { facts } from '../facts.ts';
import { isReadable } from '../rows/task.ts';
import { untilLogIsBack } from './alone.ts';
import { Database, type ReadOnly } from './database.ts';
import { whyReadOnly } from './folder.ts';
import { contextOf } from './from-here.ts';
import { PATIENCE, patiently } from './patience.ts';
import { SCHEMA } from './schema.ts';

/** Tables with a row for a task, by the column that names it; 0 for what is of none. */
const OF_TASKS: Readonly<Record<string, string>> = { payloads: 'task', events: 'task', steps: 'task', family: 'task' };

/** So many problems of one kind are told. */
const MOST = 20;

/** As `checkFile`; a damaged one is a `StoreError` that has all that was found in its details. */
export async function checkWhole(path: string): Promise<Checked> {
  const checked = await checkFile(path);
  refuseDamaged(checked);
  return checked;
}

/** Reads the whole file. `StoreError` when it cannot be opened, or is none of ours, or of a newer schema. */
export const checkFile = async (path: string): Promise<Checked> => checkAndClose(await openToRead(path));

function checkAndClose(db: Database): Checked {
  try {
    return db.transaction(false, () => checked(db));
  } finally {
    db.close();
  }
}

/** Opens an existing store for looking at it: one of an older schema is shown as its migration would make it. */
export async function openToRead(path: string, readOnly?: ReadOnly): Promise<Database> {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) throw absent(path);
  const why = readOnly === undefined ? whyReadOnly(path) : undefined;
  const opened = why === undefined ? readOnly : (await import('./read-only.ts')).openReadOnly(path, why === 'EROFS');
  if (opened === undefined) await untilLogIsBack(path);
  const db = await patiently(path, PATIENCE, () => new Database(path, opened));
  if (db.version < SCHEMA) db.views = await import('./older.ts');
  return db;
}

export function absent(path: string): StoreError {
  return new StoreError(`there is no store at ${path}`, { details: { reason: 'absent' } });
}

function checked(db: Database): Checked {
  const tasks = countsOf(db);
  return {
    path: db.path,
    schema: db.version,
    known_schema: SCHEMA,
    journal: String(db.get('PRAGMA journal_mode')?.journal_mode),
    bytes: sizeOf(db.path),
    log_bytes: sizeOf(`${db.path}-wal`),
    tasks,
    workers: db
      .drive(facts(contextOf(db)))
      .workers.flatMap(({ row: { id, pid, host }, alive }) => (alive ? [{ id, pid, host }] : [])),
    problems: [...integrity(db), ...miscounted(db, tasks), ...unreadable(db), ...foreign(db)],
  };
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

function countsOf(db: Database): Record<TaskStatus, number> {
  const rows = db.all<{ status: TaskStatus; n: number }>('SELECT status, count(*) AS n FROM tasks GROUP BY status');
  const found = new Map(rows.map(({ status, n }) => [status, n]));
  return Object.fromEntries(STATUSES.map((status) => [status, found.get(status) ?? 0])) as Record<TaskStatus, number>;
}

function integrity(db: Database): string[] {
  return db
    .all<{ integrity_check: string }>(`PRAGMA integrity_check(${MOST})`)
    .flatMap(({ integrity_check }) => (integrity_check === 'ok' ? [] : [`SQLite: ${integrity_check}`]));
}

function miscounted(db: Database, tasks: Record<TaskStatus, number>): string[] {
  const kept = new Map(
    db.all<{ status: string; n: number }>('SELECT status, n FROM counts').map((row) => [row.status, row.n]),
  );
  const bytes = db.get<{ n: number }>('SELECT coalesce(sum(octet_length(data)), 0) AS n FROM payloads')?.n ?? 0;
  const cleared = db.get<{ n: number }>('SELECT count(*) AS n FROM events WHERE task = 0')?.n ?? 0;
  return Object.entries({ ...tasks, payload_bytes: bytes, cleared })
    .filter(([what, n]) => kept.get(what) !== n)
    .map(([what, n]) => `counts says ${kept.get(what) ?? 'nothing'} for ${what}, there are ${n}`);
}

/** Page by page, so that a large store does not have to fit in memory. */
function unreadable(db: Database): string[] {
  const found: string[] = [];
  for (let after = 0; found.length < MOST; ) {
    const sql = 'SELECT seq, id, record FROM tasks WHERE seq > ? ORDER BY seq LIMIT 1000 + 0';
    const rows = db.all<{ seq: number; id: string; record: string }>(sql, after);
    for (const { id, record } of rows) if (!isReadable({ record })) found.push(`the record of ${id} cannot be read`);
    if (rows.length < 1000) break;
    after = rows.at(-1)?.seq ?? after;
  }
  return found.slice(0, MOST);
}

function foreign(db: Database): string[] {
  return Object.entries(OF_TASKS).flatMap(([table, column]) => {
    const sql = `SELECT count(*) AS n FROM ${table} WHERE ${column} <> 0 AND ${column} NOT IN (SELECT seq FROM tasks)`;
    const n = db.get<{ n: number }>(sql)?.n ?? 0;
    return n === 0 ? [] : [`${n} rows of ${table} belong to no task`];
  });
}

/** Refuses a file that is no whole store of ours, as a backup must be. */
export function refuseDamaged(checked: Checked): void {
  const { path, problems } = checked;
  if (problems.length === 0) return;
  throw new StoreError(
    `${path} is damaged: ${problems[0]}${problems.length > 1 ? `, and ${problems.length - 1} more` : ''}`,
    {
      details: { reason: 'corrupt', ...checked },
    },
  );
}

/** Opens a copy that nobody else uses, without changing anything beside it. */
export async function openCopy(path: string): Promise<Database> {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) throw absent(path);
  const { openReadOnly } = await import('./read-only.ts');
  return openToRead(path, openReadOnly(path, true));
}

export const checkCopy = async (path: string): Promise<Checked> => checkAndClose(await openCopy(path));
