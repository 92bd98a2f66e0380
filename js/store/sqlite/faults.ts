/** What the store refuses, in words of its own; each `StoreError` carries its reason. */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreError } from '../../errors/refusal.ts';
import { faultOf, type SqliteFault } from './driver.ts';
import { SCHEMA } from './schema.ts';

export function newerSchema(path: string, version: number): StoreError {
  return new StoreError(
    `${path} has schema ${version}, this version of offstage knows ${SCHEMA}: a newer version has upgraded it; upgrade offstage`,
    { details: { reason: 'newer_schema', schema: version, known: SCHEMA } },
  );
}

/** SQLite goes on writing into a file that was removed or replaced; nobody would ever read that. */
export function gone(path: string): StoreError {
  return new StoreError(`the store ${path} was removed or replaced while it was open`, { details: { reason: 'gone' } });
}

/** Its log was, which may be mended: see `Database.renewLog`. */
export function logLost(path: string): StoreError {
  return new StoreError(`the log of the store ${path} was removed or replaced while it was open`, {
    details: { reason: 'log_lost' },
  });
}

/** Nothing can be written where it lies. */
export function readOnlyStore(path: string): StoreError {
  return new StoreError(`${path} ${FAULTS.readonly}; nothing of this request was stored`, {
    details: { reason: 'readonly' },
  });
}

/** Reasons why nothing was written, of a store that is there and whole. */
export const LEAVES_READABLE: readonly unknown[] = ['busy', 'full', 'readonly', 'older_worker'];

/** True for the driver's "somebody else holds it": nothing was done, so the caller may simply try again. */
export function isBusy(error: unknown): boolean {
  const fault = faultOf(error);
  return fault === 'busy' || fault === 'locked';
}

const FAULTS: Partial<Record<string, string>> = {
  notadb: 'is not an SQLite database; choose another file for the store',
  full: 'cannot be used: the disk is full; nothing of this request was stored',
  readonly: 'cannot be written: it is read-only',
  cantopen: 'cannot be opened',
  ioerr: 'cannot be read or written: the disk reports an error',
  corrupt: 'is damaged; restore it from a backup',
};

/** Turns a fault of SQLite into a `StoreError` that says what it means; busy ones and others pass as they are. */
export function storeFault(error: unknown, path: string): unknown {
  const found = faultOf(error);
  const fault = isOfFullDisk(found, path) ? 'full' : found;
  const meaning = fault && FAULTS[fault];
  return meaning ? new StoreError(`${path} ${meaning}`, { cause: error, details: { reason: fault } }) : error;
}

/** SQLite does not always say so: a file that cannot be made or grown is one that cannot be opened or written to it. */
function isOfFullDisk(fault: SqliteFault | undefined, path: string): boolean {
  if (fault !== 'ioerr' && fault !== 'cantopen') return false;
  try {
    const { bavail, files, ffree } = statfsSync(dirname(path));
    return bavail === 0 || (files > 0 && ffree === 0);
  } catch {
    return false;
  }
}
