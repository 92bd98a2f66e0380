/** The folders in which recipes are looked for, in their order. */
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { RecipePolicyError } from '../errors/index.ts';
import { hasManifest, upward } from '../platform/upward.ts';
import { isFolder, realPath, refuseUntrusted } from '../program/contain.ts';
import type { RecipeSearch } from './types.ts';

/** A folder of recipe folders. */
export interface Root {
  path: string;
  /** Folders above it that nobody else may write to either: it was found by convention, nobody named it. */
  within: string[];
}

/** Every root, also those that do not exist; each once. */
export function searchRoots(search: RecipeSearch): Root[] {
  const { configured = [], env = process.env, cwd = process.cwd(), home = homedir() } = search;
  const stated = [...configured, ...(env.OFFSTAGE_RECIPE_PATH ?? '').split(delimiter)].filter((path) => path !== '');
  const roots = stated.map((path): Root => ({ path: resolve(cwd, path), within: [] }));
  if (search.beside !== undefined) roots.push({ path: search.beside, within: [] });
  for (const project of projects(search)) {
    const folder = join(project, '.offstage');
    roots.push({ path: join(project, 'recipes'), within: [project] });
    roots.push({ path: join(folder, 'recipes'), within: [project, folder] });
  }
  roots.push({ path: join(home, '.offstage', 'recipes'), within: [join(home, '.offstage')] });
  return roots.filter(({ path }, index) => roots.findIndex((other) => other.path === path) === index);
}

/**
 * The folders beside which recipes lie: the working folder, that of the nearest `package.json`, the store's. So a package
 * of a monorepo has its own recipes whether or not there is a store further up, and a store elsewhere hides none.
 */
export function projects({ storeFolder, cwd = process.cwd(), home = homedir() }: RecipeSearch): string[] {
  const folders = upward(cwd, home);
  const nearest = folders.find(hasManifest);
  return [
    ...new Set([
      folders[0] ?? resolve(cwd),
      ...(nearest === undefined ? [] : [nearest]),
      ...(storeFolder === undefined ? [] : [dirname(resolve(cwd, storeFolder))]),
    ]),
  ];
}

/**
 * The root's real path, or undefined when there is no such folder.
 * Throws `RecipePolicyError` when others could have put recipes there, or when it cannot be read.
 */
export function openRoot({ path, within }: Root): string | undefined {
  if (!isFolder(path)) return undefined;
  for (const folder of within) refuseUntrusted(folder);
  const real = realPath(path) ?? path;
  refuseUntrusted(real);
  refuseUnreadable(real);
  return real;
}

function refuseUnreadable(path: string): void {
  try {
    accessSync(path, constants.R_OK | constants.X_OK);
  } catch {
    throw new RecipePolicyError(`refused: ${path} cannot be read`);
  }
}

/** Runs `attempt`; a refusal is handed to `refused` and the answer is undefined. */
export function unlessRefused<T>(attempt: () => T, refused: (error: RecipePolicyError) => void): T | undefined {
  try {
    return attempt();
  } catch (error) {
    if (!(error instanceof RecipePolicyError)) throw error;
    refused(error);
    return undefined;
  }
}
