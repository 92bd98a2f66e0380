/** Finds the store's file from where the user stands. */
import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { RecipePolicyError } from '../errors/recipe.ts';
import { StoreError } from '../errors/refusal.ts';
import { distrust, type Judge } from '../platform/trust.ts';
import { hasManifest, statOf, upward } from '../platform/upward.ts';
import type { Environment } from '../wire/globals.ts';
import { withoutMark } from '../wire/text.ts';
import { refuseAddress } from './address.ts';

/** Where to look from; every field has the process' own value as its default. */
export interface Standpoint {
  cwd?: string;
  home?: string;
  env?: Environment;
}

const FILE = join('.offstage', 'tasks.db');

/** The store that was named: the given one, else `OFFSTAGE_STORE`. */
export const namedStore = (given: string | undefined, env: Environment): string | undefined =>
  given ?? (withoutMark(env.OFFSTAGE_STORE ?? '') || undefined);

/**
 * The store's path, by: the given one, `OFFSTAGE_STORE`, the configured one, the nearest existing `.offstage/tasks.db`
 * upward, `.offstage/` beside the nearest `package.json`, `~/.offstage/tasks.db`. A path that is a folder means
 * `tasks.db` in it, and so does one that ends with `/` or is named `.offstage`. Nothing is opened or made.
 *
 * # Errors
 * `InvalidArgumentError` for an address (`scheme://…`, `:memory:`); `RecipePolicyError` when the nearest store or the
 * nearest `package.json` lies in a folder that does not count: another store would be a silent surprise.
 */
export function locateStore(given?: string, configured?: string, standpoint: Standpoint = {}, judge?: Judge): string {
  const { cwd = process.cwd(), home = homedir(), env = process.env } = standpoint;
  const named = namedStore(given, env) ?? configured;
  if (named === undefined) return join(projectOf(cwd, home, judge) ?? home, FILE);
  refuseAddress(named);
  return fileOf(isAbsolute(named) ? named : resolve(cwd, named), named.endsWith('/'));
}

/** The nearest folder upward with a store, else with a `package.json`. */
function projectOf(cwd: string, home: string, judge: Judge | undefined): string | undefined {
  let nearest: string | undefined;
  for (const folder of upward(cwd, home)) {
    if (nearest === undefined && hasManifest(folder)) {
      refuseUncounted(folder, 'a package.json', judge);
      nearest = folder;
    }
    if (!mayHold(join(folder, FILE))) continue;
    for (const path of [folder, join(folder, '.offstage')]) refuseUncounted(path, 'a store', judge);
    return folder;
  }
  return nearest;
}

/** True also where it cannot be looked: whoever opens it says why, and nobody takes another one instead. */
function mayHold(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' && existsSync(dirname(file));
  }
}

/** Throws `RecipePolicyError` with the reason and the ways out when the folder, or file, in which `what` is does not count. */
export function refuseUncounted(path: string, what: string, judge?: Judge): void {
  const reason = distrust(path, judge);
  if (reason === undefined) return;
  const message = `refused: ${what} is there, but ${reason}, or name a store by --store or OFFSTAGE_STORE`;
  throw new RecipePolicyError(message, { details: { path, reason } });
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
  return statOf(path)?.isDirectory() === true;
}
