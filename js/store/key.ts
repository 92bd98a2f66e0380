/**
 * The store's key: 32 random bytes in a file beside the database, for hashes that mean nothing to who has the store
 * without it.
 *
 * 1. The file is there whole or not at all, and is never written again.
 * 2. It belongs to this user (or root) alone; any other one is refused, and nothing takes its place.
 */
import { createHmac, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { StoreError } from '../errors/refusal.ts';
import { MEMORY } from './address.ts';

const BYTES = 32;

export const keyFile = (folder: string): string => join(folder, 'env.key');

/**
 * Reads the key of the store in this folder, or makes it when there is none yet. Every process gets the same.
 *
 * # Errors
 * `StoreError` for a file that is no regular one, that others may read or that is not a key, and for a folder that cannot
 * be written.
 */
export function storeKey(folder: string): Buffer {
  if (folder === MEMORY) return keyInMemory();
  const file = keyFile(folder);
  try {
    return keptKey(file) ?? makeKey(file);
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    throw new StoreError(`the store's key ${file} cannot be read or made: ${(cause as Error).message}`, { cause });
  }
}

/** What was read last stands while the file does: it is never written again. */
function keptKey(file: string): Buffer | undefined {
  const before = markOf(file);
  const known = before === undefined ? undefined : kept.get(file);
  if (known !== undefined && known.mark === before) return known.key;
  const key = readKey(file);
  const mark = markOf(file);
  if (key !== undefined && mark !== undefined && mark === before) kept.set(file, { mark, key });
  return key;
}

const kept = new Map<string, { mark: string; key: Buffer }>();

/** Which file stands there, and who may read it; undefined when there is none. */
function markOf(file: string): string | undefined {
  const stat = lstatSync(file, { throwIfNoEntry: false, bigint: true });
  return stat && [stat.dev, stat.ino, stat.mode, stat.uid, stat.size, stat.mtimeNs, stat.ctimeNs].join();
}

let ofMemory: Buffer | undefined;

/** Of the stores that end with this process. */
function keyInMemory(): Buffer {
  ofMemory ??= randomBytes(BYTES);
  return ofMemory;
}

/** The first `digits` hex digits of HMAC-SHA256 over the text; all 64 by default. */
export function keyedHash(key: Uint8Array, text: string, digits = 64): string {
  return createHmac('sha256', key).update(text).digest('hex').slice(0, digits);
}

/** Tells keys apart without telling anything about them. */
export const keyName = (key: Uint8Array): string => keyedHash(key, 'offstage key', 8);

/** Undefined when there is none; `StoreError` for one that is not safe, or none. Makes nothing. */
export function readKey(file: string): Buffer | undefined {
  const opened = openKey(file);
  if (opened === undefined) return undefined;
  try {
    const fault = faultOf(opened);
    if (fault !== undefined) throw new StoreError(`the store's key is not safe: ${file} ${fault}`);
    const key = Buffer.alloc(BYTES);
    readSync(opened, key, 0, BYTES, 0);
    return key;
  } finally {
    closeSync(opened);
  }
}

function openKey(file: string): number | undefined {
  try {
    // Not blocking: a named pipe in its place must not be waited for.
    return openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ELOOP') throw new StoreError(`the store's key is not safe: ${file} is a symbolic link`);
    throw error;
  }
}

function faultOf(opened: number): string | undefined {
  const stat = fstatSync(opened);
  const self = process.getuid?.();
  if (!stat.isFile()) return 'is no regular file';
  if (self !== undefined && stat.uid !== self && stat.uid !== 0) return `belongs to another user (uid ${stat.uid})`;
  if (self !== undefined && (stat.mode & 0o077) !== 0) {
    return `can be read by others (mode ${(stat.mode & 0o777).toString(8)}); it must be 600`;
  }
  return stat.size === BYTES ? undefined : `has ${stat.size} bytes, a key has ${BYTES}`;
}

/** Of several processes that make one at a time, one's link holds; the others read it. */
function makeKey(file: string): Buffer {
  const draft = `${file}.${process.pid}.${randomBytes(6).toString('hex')}`;
  const key = randomBytes(BYTES);
  try {
    writeWhole(draft, key);
    linkSync(draft, file);
    return key;
  } catch (error) {
    const found = (error as NodeJS.ErrnoException).code === 'EEXIST' ? readKey(file) : undefined;
    if (found === undefined) throw error;
    return found;
  } finally {
    rmSync(draft, { force: true });
  }
}

function writeWhole(file: string, key: Buffer): void {
  const opened = openSync(file, 'wx', 0o600);
  try {
    writeSync(opened, key);
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
