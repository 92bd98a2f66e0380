/** Whether a recipe may run here, and whether what it needs is here. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { delimiter, extname, join } from 'node:path';
import { InvalidArgumentError, RecipeDependencyError, RecipePolicyError } from '../errors/index.ts';
import { requireFrom } from '../platform/package.ts';
import { IS_WINDOWS } from '../platform/system.ts';
import { programFolder } from '../program/contain.ts';
import { readingOf, valueIn } from '../program/kinds.ts';
import type { Environment } from '../wire/globals.ts';
import type { RecipeFolder } from './types.ts';

/**
 * Checks what a submit needs, and whether the recipe lets itself be submitted.
 *
 * # Errors
 * `RecipePolicyError` for a recipe whose `runtime.background.enabled` is false; those of `checkNeeds`.
 */
export async function checkRunnable(recipe: RecipeFolder, env: Environment): Promise<void> {
  if (!recipe.runtime.enabled) {
    throw new RecipePolicyError(
      `Recipe '${recipe.name}' does not run in the background: runtime.background.enabled is false`,
    );
  }
  await checkNeeds(recipe, env);
}

/**
 * Checks whether what the recipe needs is here. Values of environment variables are not looked at, an empty one is there.
 *
 * # Errors
 * `RecipeDependencyError` with all that is missing: `env NAME`, `package NAME`, `external NAME`; `InvalidArgumentError` for
 * a value that is no UTF-8. Versions of packages and programs are not checked.
 */
export async function checkNeeds(recipe: RecipeFolder, env: Environment): Promise<void> {
  const { requires, root } = recipe;
  const missing = [
    ...requires.env.filter(({ name }) => env[name] === undefined).map(({ name }) => `env ${name}`),
    ...requires.packages.filter((name) => !hasPackage(root, name)).map((name) => `package ${name}`),
    ...(await programs(recipe)).filter((name) => !hasProgram(name, env)).map((name) => `external ${name}`),
  ];
  if (missing.length > 0) throw new RecipeDependencyError(recipe.name, missing);
  // Node makes U+FFFD of what is no UTF-8: the recipe would get another value than was set.
  const garbled = requires.env.find(({ name }) => env[name]?.includes('\ufffd'));
  if (garbled !== undefined) throw new InvalidArgumentError(`env ${garbled.name}: its value is not text in UTF-8`);
}

/** The programs that must be on the `PATH`, also for what the recipe itself runs. */
async function programs(recipe: RecipeFolder): Promise<string[]> {
  const own = (await readingOf(recipe.kind)).external(programFolder(recipe.root, recipe.name), valueIn(recipe));
  return [...new Set([...recipe.requires.external, ...own])];
}

/** Looks for the package's folder, as a package for `import` alone does not resolve by `require`. */
function hasPackage(root: string, name: string): boolean {
  if (isBuiltin(name)) return true;
  const folders = requireFrom(join(root, 'recipe.mjs')).resolve.paths(name) ?? [];
  return folders.some((folder) => existsSync(join(folder, name, 'package.json')));
}

/** Whether there is such a program on the `PATH`. */
export function hasProgram(name: string, env: Environment): boolean {
  const path = env.PATH ?? env.Path ?? '';
  const endings = IS_WINDOWS && extname(name) === '' ? (env.PATHEXT ?? '.EXE;.CMD').split(';') : [''];
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  return folders.some((folder) => endings.some((ending) => isExecutable(join(folder, name + ending))));
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
