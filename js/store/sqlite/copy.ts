/** A connection to a store's file, and a copy of the file by one. */
import { closeSync, openSync, rmSync } from 'node:fs';
import { StoreError } from '../../errors/refusal.ts';
import { type Connection, connect } from './driver.ts';
import { storeFault } from './faults.ts';

/**
 * Copies a store as it is at one moment, also while others write, into a new file that only this user can read. By a
 * connection of its own, since none can copy inside of its transaction. A copy that was not finished goes.
 */
export function copyInto(path: string, copy: string, open: () => Connection = () => openConnection(path)): void {
  closeSync(openSync(copy, 'wx', 0o600)); // SQLite fills an empty file, and keeps its mode
  const connection = open();
  try {
    connection.prepare('VACUUM INTO ?').run(copy);
  } catch (error) {
    rmSync(copy, { force: true });
    throw storeFault(error, copy);
  } finally {
    connection.close();
  }
}

/** Opens it for reading and writing. `StoreError` when it cannot be opened. */
export function openConnection(path: string): Connection {
  try {
    return connect(path);
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    throw new StoreError(`the store ${path} cannot be opened: ${(cause as Error).message}`, { cause });
  }
}
