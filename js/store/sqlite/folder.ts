/** The store's folder and files: private to this user, and never reached through a symbolic link. */
import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StoreError } from '../../errors/refusal.ts';
import { distrust, isSymlink } from '../../platform/trust.ts';
import { refuseUnsafe } from './filesystem.ts';

/** The file whose change wakes the other processes. */
export const wakeFile = (folder: string): string => join(folder, 'wake');

/** Why nothing can be made beside an existing store: its mount is read-only, or the folder is not this user's to write. */
export function whyReadOnly(path: string): 'EROFS' | 'EACCES' | undefined {
  try {
    accessSync(dirname(path), constants.W_OK);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return existsSync(path) && (code === 'EROFS' || code === 'EACCES') ? code : undefined;
  }
}

/** Makes sure that the folder and, unless told otherwise, the database file exist and that nobody else can put anything in them. */
export function prepareFolder(path: string, { file: hasFile = true } = {}): void {
  const folder = dirname(path);
  try {
    refuseSymlink(folder);
    refuseUnsafe(folder);
    makeFolder(folder);
    refuseUntrusted(folder);
    for (const file of [...(hasFile ? [path] : []), wakeFile(folder)]) prepareFile(file);
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    const details = (cause as NodeJS.ErrnoException).code === 'ENOSPC' ? { details: { reason: 'full' } } : {};
    throw new StoreError(`the store's folder ${folder} cannot be written: ${(cause as Error).message}`, {
      cause,
      ...details,
    });
  }
}

function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolders(folder);
  writeFileSync(join(folder, '.gitignore'), '*\n', { mode: 0o600 });
}

/** Step by step: Node's own `recursive` never ends where a folder can neither be found nor made, as in `/proc`. */
function makeFolders(folder: string): void {
  if (existsSync(folder)) return;
  makeFolders(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another process was first
  }
}

/**
 * Makes the file when there is none. An existing one is never opened here: closing any descriptor of a database file
 * drops the locks that SQLite holds on it elsewhere in this process (sqlite.org/howtocorrupt.html, 2.2).
 */
function prepareFile(file: string): void {
  refuseSymlink(file);
  if (!existsSync(file)) create(file);
  const reason = distrust(file);
  if (reason) throw new StoreError(`the store is not safe: ${reason}`);
}

function create(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function refuseUntrusted(folder: string): void {
  if (!statSync(folder).isDirectory()) throw new StoreError(`the store's folder ${folder} is not a folder`);
  const reason = distrust(folder);
  if (reason) throw new StoreError(`the store's folder is not safe: ${reason}; use a folder that only you can write`);
}

function refuseSymlink(path: string): void {
  if (isSymlink(path)) throw new StoreError(`${path} is a symbolic link; a store and its folder must be real`);
}
