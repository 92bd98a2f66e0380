/** Whoever would have to make a store's log looks first whether others have the store open without it: see `log-files.ts`, 3. */
import { type Connection, connect } from './driver.ts';
import { prepareFolder } from './folder.ts';
import { isLogMissing, look } from './log-files.ts';
import { loadHeld } from './patience.ts';

/** Waits while others have the store open without its log. Cheap where nobody has it open, as before each short command. */
export async function untilLogIsBack(path: string): Promise<void> {
  if (!isLogMissing(path) || look(path) === undefined) return;
  prepareFolder(path); // no file is opened that others may have put there
  if (!isAlone(path)) await (await loadHeld()).awaitLog(path);
}

/**
 * Whether nobody has the store open; false also where that cannot be known. Every connection to a store with a log keeps a shared lock on its
 * file, so that an exclusive one is refused; in that mode SQLite takes it before it makes a log. `/proc/locks` tells it too,
 * but the kernel lets whoever opens that wait until every processor has passed a quiet point: 10 ms and more.
 */
function isAlone(path: string): boolean {
  let connection: Connection | undefined;
  try {
    connection = connect(path);
    connection.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; PRAGMA user_version');
    return true;
  } catch {
    return false; // `holders.ts` knows more, or opening it tells what is wrong
  } finally {
    connection?.close();
  }
}
