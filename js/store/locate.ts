/** Finds the store's file from where the user stands. */
import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { StoreError } from '../errors/refusal.ts';
import type { Environment } from '../wire/globals.ts';
import { isTrustedFolder } from './trust.ts';

/** Where to look from; every field has the process' own value as its default. */
export interface Standpoint {
  cwd?: string;
  home?: string;
  env?: Environment;
}

const FILE = join('.offstage', 'tasks.db');

/**
 * The store's path, by: the given one, `OFFSTAGE_STORE`, the configured one, the nearest existing `.offstage/tasks.db`
 * upward, `.offstage/` beside the nearest `package.json`, `~/.offstage/tasks.db`. A path that is a folder means
 * `tasks.db` in it, and so does one that ends with `/` or is named `.offstage`. Nothing is opened or made.
 */
export function locateStore(given?: string, configured?: string, standpoint: Standpoint = {}): string {
  const { cwd = process.cwd(), home = homedir(), env = process.env } = standpoint;
  const named = given ?? (env.OFFSTAGE_STORE || undefined) ?? configured;
  if (named !== undefined) return fileOf(isAbsolute(named) ? named : resolve(cwd, named), named.endsWith('/'));
  const folders = upward(cwd, home);
  const existing = folders.find(
    (folder) => existsSync(join(folder, FILE)) && isTrustedFolder(join(folder, '.offstage')),
  );
  const project = existing ?? folders.find((folder) => existsSync(join(folder, 'package.json')));
  return join(project ?? home, FILE);
}

/** One that does not exist yet is a folder when it is called like one. */
function fileOf(path: string, meansFolder: boolean): string {
  const folder = isFolder(path) || (!existsSync(path) && (meansFolder || basename(path) === '.offstage'));
  return folder ? join(path, 'tasks.db') : path;
}

/** Whether the store's file is there. A place that cannot be looked at is an error: it is not an empty store. */
export function storeExists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (cause) {
    throw new StoreError(`the store ${path} cannot be reached: ${(cause as Error).message}`, { cause });
  }
}

/** False also where it cannot be known: whoever opens the path then says why. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/**
 * The folders from `from` upward that count: owned by this user or root, not writable by others. The walk ends at the
 * home folder and at the border of the file system.
 */
export function upward(from: string, home: string = homedir()): string[] {
  const folders: string[] = [];
  const device = statSync(from, { throwIfNoEntry: false })?.dev;
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const stat = statSync(folder, { throwIfNoEntry: false });
    if (stat === undefined || stat.dev !== device) break;
    if (isTrustedFolder(folder)) folders.push(folder);
    if (folder === home || folder === dirname(folder)) break;
  }
  return folders;
}
