/** Reads a store where nothing can be written: a read-only mount, or a folder that is not this user's to write. */
import { copyFileSync, mkdtempSync, rmSync, type Stats, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StoreError } from '../../errors/refusal.ts';
import { messageOf } from '../../wire/message.ts';
import type { ReadOnly } from './database.ts';
import { connect } from './driver.ts';

/**
 * Opens it without writing. While others have it open their log is read with them. Otherwise what it holds does not
 * change: on a read-only file system it is read in place, unless a log is left over, which SQLite could not bring in; then
 * and elsewhere a copy in a private folder is read. `StoreError` (`readonly`) when even that cannot be done.
 */
export function openReadOnly(path: string, isMountReadOnly: boolean): ReadOnly {
  try {
    if (look(`${path}-shm`) !== undefined) return { connection: connect(path, { readOnly: true }), leave: () => {} };
    if (isMountReadOnly && !look(`${path}-wal`)?.size) return { connection: immutable(path), leave: () => {} };
    return copied(path);
  } catch (cause) {
    const why = messageOf(cause);
    throw new StoreError(`${path} is read-only here, and cannot be read without being written: ${why}`, {
      cause,
      details: { reason: 'readonly' },
    });
  }
}

const look = (file: string): Stats | undefined => statSync(file, { throwIfNoEntry: false });

/** SQLite asks for no lock and looks for no log then (sqlite.org/uri.html). */
const immutable = (path: string) => connect(`${pathToFileURL(path)}?immutable=1`, { readOnly: true });

/** Nobody has it open, or the log's index would be there; whoever opens it meanwhile is noticed. */
function copied(path: string): ReadOnly {
  const folder = mkdtempSync(join(tmpdir(), 'offstage-'));
  const leave = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const before = stateOf(path);
    for (const suffix of ['', '-wal']) {
      if (look(path + suffix) !== undefined) copyFileSync(path + suffix, join(folder, `tasks.db${suffix}`));
    }
    if (stateOf(path) !== before) throw new Error('it is being written by others; try again');
    return { connection: connect(join(folder, 'tasks.db')), leave };
  } catch (error) {
    leave();
    throw error;
  }
}

const stateOf = (path: string): string =>
  ['', '-wal', '-shm']
    .map((suffix) => look(path + suffix))
    .map((stat) => `${stat?.size} ${stat?.mtimeMs}`)
    .join();
