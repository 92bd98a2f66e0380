/** Opens a store's file. */
import { MEMORY } from '../address.ts';
import { ClockWatch } from '../clock-watch.ts';
import { untilLogIsBack } from './alone.ts';
import { type Judge, SqliteBackend } from './backend.ts';
import { Database } from './database.ts';
import { whyReadOnly } from './folder.ts';
import { contextOf } from './from-here.ts';
import { PATIENCE, patiently } from './patience.ts';
import { SCHEMA } from './schema.ts';
import { type StoreClock, systemClock } from './system-clock.ts';

/** Opens the file, waiting while others hold it. `lookEvery`: see `openStore`. */
export async function openSqlite(
  path: string,
  { clock = systemClock, lookEvery }: { clock?: StoreClock | undefined; lookEvery?: number | undefined } = {},
): Promise<SqliteBackend> {
  const db = await openDatabase(path);
  if (db.version < SCHEMA) db.views = await import('./older.ts');
  return new SqliteBackend(db, clock, mayUpgrade, lookEvery);
}

async function mayUpgrade(): Promise<Judge> {
  const { refuseOlderWorkers } = await import('./upgrade.ts');
  const seen = new ClockWatch();
  return (db, moment) => refuseOlderWorkers(db, contextOf(db, moment, seen));
}

/** Loads what opening and writing may need later, when the files of this package may be gone. */
export const loadSqlite = () =>
  Promise.all([import('./older.ts'), import('./upgrade.ts'), import('./read-only.ts'), import('./holders.ts')]);

async function openDatabase(path: string): Promise<Database> {
  if (path === MEMORY) return new Database(path);
  const why = whyReadOnly(path);
  if (why !== undefined) {
    const { openReadOnly } = await import('./read-only.ts');
    return new Database(path, openReadOnly(path, why === 'EROFS'));
  }
  await untilLogIsBack(path);
  return patiently(path, PATIENCE, () => new Database(path));
}
