/** Keeps recipes in their folder: what leads out of it, or could have been planted by others, is refused. */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { RecipePolicyError } from '../errors/index.ts';
import { distrust, type Judge } from '../platform/trust.ts';
import type { ProgramFolder } from '../ports/program.ts';

/** The file that makes a folder a recipe. */
export const TEMPLATE = 'TEMPLATE.yaml';

/** Tells of a path, before anything is looked at, that it cannot stay inside a folder. */
export const leadsOut = (path: string): boolean => isAbsolute(path) || path.split(/[\\/]/).includes('..');

/** A recipe's folder, whose files are judged by what is trusted here, or by `judge`. */
export function programFolder(root: string, name: string, judge?: Judge): ProgramFolder {
  return { root, name, inside: (path) => contained(root, resolve(root, path), judge) };
}

/** The real path, or undefined when nothing is there. */
export function realPath(path: string): string | undefined {
  return existsSync(path) ? realpathSync(path) : undefined;
}

/** Tells whether a path leads to an existing folder. */
export function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

/**
 * The real path of something inside `root`, itself a real path; undefined when nothing is there.
 * Throws `RecipePolicyError` when it leads out of `root`, or when it or a folder down to it is not to be trusted.
 */
export function contained(root: string, path: string, judge?: Judge): string | undefined {
  const real = realPath(path);
  if (real === undefined) return undefined;
  if (!isInside(root, real)) throw new RecipePolicyError(`refused: ${path} leads out of ${root}`);
  for (let at = real; ; at = dirname(at)) {
    refuseUntrusted(at, judge);
    if (at === root) return real;
  }
}

/** Throws `RecipePolicyError` for what belongs to or can be written by others. */
export function refuseUntrusted(path: string, judge?: Judge): void {
  const reason = distrust(path, judge);
  if (reason !== undefined) throw new RecipePolicyError(`refused: ${reason}`, { details: { path, reason } });
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
