/** Copies of a store: making one, putting one in its place, and the way to the newest schema. */
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ConflictError, StoreError, storeReason } from '../../errors/refusal.ts';
import type { BackedUp, Checked, Migrated, Restored } from '../../ports/store-file.ts';
import { facts } from '../facts.ts';
import { checkCopy, openToRead, refuseDamaged } from './check.ts';
import { copyInto } from './copy.ts';
import type { Database } from './database.ts';
import { connect } from './driver.ts';
import { storeFault } from './faults.ts';
import { prepareFolder, wakeFile } from './folder.ts';
import { contextOf } from './from-here.ts';
import { PATIENCE, patiently } from './patience.ts';
import { SCHEMA } from './schema.ts';
import { NEW_ID } from './steps-feed.ts';
import { refuseOlderWorkers } from './upgrade.ts';

/** Of hashes of values; `key.ts` makes it. */
const KEY = 'env.key';

/**
 * Copies the store as it is at one moment, while others may go on, into a new file that only this user can read, and the
 * key file to `FILE.key`. `ConflictError` when the file is there; `StoreError` when the store is damaged.
 */
export async function backUp(path: string, to = nextTo(path)): Promise<BackedUp> {
  const target = resolve(to);
  for (const file of [target, `${target}.key`]) {
    if (existsSync(file)) throw new ConflictError(`${file} is there already; choose another file for the backup`);
  }
  (await openToRead(path)).close(); // refuses what is no store of ours
  await patiently(path, PATIENCE, () => copyInto(path, target));
  try {
    const copy = await checkCopy(target);
    refuseDamaged(copy);
    flush(target);
    return { ...about(copy), path: target, key: copyKey(join(dirname(path), KEY), `${target}.key`) };
  } catch (error) {
    rmSync(target, { force: true });
    throw error;
  }
}

const about = ({ schema, bytes, tasks }: Checked) => ({
  schema,
  bytes,
  tasks: Object.values(tasks).reduce((sum, n) => sum + n, 0),
});

/** `tasks.db.1.bak`, the first number that is free. */
function nextTo(path: string): string {
  for (let n = 1; ; n++) if (!existsSync(`${path}.${n}.bak`)) return `${path}.${n}.bak`;
}

/**
 * Puts a backup in the place of the store, at once or not at all, after it was found whole, and keeps what was there as a
 * numbered copy. `ConflictError` while workers live, unless `force`: they end then, as those of any store that was replaced.
 */
export async function restore(path: string, from: string, { force = false } = {}): Promise<Restored> {
  const source = resolve(from);
  const found = await checkCopy(source);
  refuseDamaged(found);
  prepareFolder(path, { file: false });
  const draft = `${path}.restore-${process.pid}`;
  rmSync(draft, { force: true });
  try {
    await copyOf(source, draft);
    const kept = existsSync(path) ? await replace(path, draft, force) : put(path, draft);
    const key = existsSync(`${source}.key`) ? putKey(`${source}.key`, join(dirname(path), KEY)) : null;
    touch(wakeFile(dirname(path)));
    const { bytes: _, ...rest } = about(found);
    return { from: source, ...rest, kept, key };
  } finally {
    rmSync(draft, { force: true });
  }
}

async function copyOf(source: string, draft: string): Promise<void> {
  const { openReadOnly } = await import('./read-only.ts');
  const opened = openReadOnly(source, true);
  try {
    copyInto(source, draft, () => opened.connection);
  } finally {
    opened.leave();
  }
  giveNewId(draft);
  flush(draft);
}

/** It goes on from an earlier moment: whoever has read the events further would miss those that come now. */
function giveNewId(draft: string): void {
  const connection = connect(draft);
  try {
    const hasId = connection.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").get() !== undefined;
    if (hasId) connection.exec(`UPDATE meta SET value = ${NEW_ID} WHERE key = 'store_id'`);
  } finally {
    connection.close();
  }
}

/** Behind the write lock, with all that was committed in the file: then its log can go, and nothing of it is left. */
async function replace(path: string, draft: string, force: boolean): Promise<string> {
  const db = await openOrRefuse(path, force);
  if (db === undefined) return replaceUnread(path, draft);
  try {
    if (!force) db.transaction(false, () => refuseWorkers(db));
    return await patiently(path, PATIENCE, () => {
      db.saveLog();
      return db.transaction(true, () => {
        if (!force) refuseWorkers(db);
        const kept = nextTo(path);
        linkSync(path, kept);
        for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
        put(path, draft);
        return kept;
      });
    });
  } finally {
    await db.leave(); // who opens the new one meanwhile keeps his log
  }
}

/** Nothing for a file that cannot be read and is to be replaced all the same. */
async function openOrRefuse(path: string, force: boolean): Promise<Database | undefined> {
  try {
    return await openToRead(path);
  } catch (error) {
    if (!UNREAD.includes(storeReason(error))) throw error;
    if (force) return undefined;
    const why = `${(error as Error).message}; so nobody can say whether workers live: give --force to replace it all the same`;
    throw new ConflictError(why, { cause: error });
  }
}

/** Reasons why a file that is there says nothing to this version. */
const UNREAD: readonly unknown[] = ['corrupt', 'notadb', 'newer_schema'];

function replaceUnread(path: string, draft: string): string {
  const kept = nextTo(path);
  linkSync(path, kept);
  if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${kept}-wal`);
  rmSync(`${path}-shm`, { force: true });
  put(path, draft);
  return kept;
}

function refuseWorkers(db: Database): void {
  const living = db.drive(facts(contextOf(db))).workers.filter(({ alive }) => alive);
  const [first] = living;
  if (first === undefined) return;
  const more = living.length > 1 ? ` and ${living.length - 1} more` : '';
  throw new ConflictError(
    `a worker works for ${db.path}: ${first.row.id} (pid ${first.row.pid} on ${first.row.host})${more}; stop it first, or ` +
      'give --force: then it ends, with what it runs',
    { details: { workers: living.map(({ row: { id, pid, host } }) => ({ id, pid, host })) } },
  );
}

function put(path: string, draft: string): null {
  renameSync(draft, path);
  flush(dirname(path));
  return null;
}

/**
 * Brings the store to the newest schema after a copy. `StoreError` (`older_worker`) while a worker of an older version
 * lives, unless `force`: it ends then, with what it runs.
 */
export async function migrateFile(path: string, { force = false } = {}): Promise<Migrated> {
  const db = await openToRead(path);
  try {
    const from_schema = db.version;
    if (db.isReadOnly) throw new StoreError(`${path} cannot be written`, { details: { reason: 'readonly' } });
    const judge = (): void => {
      if (!force) refuseOlderWorkers(db, contextOf(db));
    };
    const backup = from_schema < SCHEMA ? await patiently(path, PATIENCE, () => db.upgrade(judge)) : undefined;
    if (backup !== undefined) touch(wakeFile(db.folder));
    return { from_schema, schema: SCHEMA, migrated: backup !== undefined, backup: backup ?? null };
  } catch (error) {
    throw storeFault(error, path);
  } finally {
    db.close();
  }
}

function copyKey(from: string, to: string): string | null {
  if (!existsSync(from)) return null;
  closeSync(openSync(to, 'wx', 0o600));
  copyFileSync(from, to);
  flush(to);
  return to;
}

/** Never half of it: a key that is cut makes every hash a stranger. */
function putKey(from: string, to: string): string {
  const draft = `${to}.restore-${process.pid}`;
  rmSync(draft, { force: true });
  try {
    copyFileSync(from, draft, constants.COPYFILE_EXCL);
    renameSync(draft, to);
  } finally {
    rmSync(draft, { force: true });
  }
  flush(dirname(to));
  return to;
}

function flush(path: string): void {
  const file = openSync(path, statSync(path).isDirectory() ? 'r' : 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function touch(file: string): void {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // Others find it by looking.
  }
}
