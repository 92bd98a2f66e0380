/** The one resolver: from a name or a path to a recipe folder. */
import { readdirSync } from 'node:fs';
import { isAbsolute, join, resolve, sep } from 'node:path';
import { invalid, RecipeNotFoundError, RecipePolicyError, RecipeValidationError } from '../errors/index.ts';
import { contained, isFolder, realPath, refuseUntrusted } from '../program/contain.ts';
import { nearest } from '../wire/nearest.ts';
import { looksLikeRecipe, nameOf, readRecipe, roughNameOf } from './folder.ts';
import { checkRecipeName } from './name.ts';
import { openRoot, type Root, searchRoots, unlessRefused } from './roots.ts';
import type { RecipeFolder, RecipeSearch } from './types.ts';

/** The recipes that there are, and what keeps others from being used. */
export interface RecipeList {
  recipes: RecipeFolder[];
  problems: { path: string; error: Error }[];
}

/**
 * Finds a recipe by name, or by a path that is absolute or begins with `./`.
 *
 * A name is looked for in the configured folders, `OFFSTAGE_RECIPE_PATH`, `recipes/` and `.offstage/recipes/` beside
 * the store's `.offstage`, and `~/.offstage/recipes`; the first recipe of that name wins. Folders that others own or
 * can write to are passed over.
 *
 * # Errors
 * `InvalidArgumentError` for what is neither a name nor such a path, or has a `..` segment; `RecipeNotFoundError` with
 * near names; `RecipePolicyError` when it would have been found in a folder that is not trusted, or behind a link that
 * leads out; `RecipeValidationError` when it is broken.
 */
export async function findRecipe(nameOrPath: string, search: RecipeSearch = {}): Promise<RecipeFolder> {
  const env = search.env ?? process.env;
  if (typeof nameOrPath === 'string' && isPath(nameOrPath)) return readRecipe(rootAt(nameOrPath, search), env);
  if (typeof nameOrPath === 'string' && nameOrPath.includes('/')) {
    throw invalid('recipe', nameOrPath, `a name, or a path that is absolute or begins with './', as './${nameOrPath}'`);
  }
  checkRecipeName(nameOrPath);
  const roots = searchRoots(search);
  const refusals: RecipePolicyError[] = [];
  let empty: string | undefined;
  for (const root of roots) {
    const folder = await lookIn(root, nameOrPath, (error) => refusals.push(error));
    if (folder === undefined) continue;
    if (looksLikeRecipe(folder)) return readRecipe(folder, env);
    empty ??= folder;
  }
  if (empty !== undefined) return readRecipe(empty, env); // says what is missing there
  const [refusal] = refusals;
  if (refusal) throw new RecipePolicyError(`Recipe '${nameOrPath}' ${refusal.message}`, { details: refusal.details });
  throw await notFound(nameOrPath, roots);
}

/** The names that can be found, as a glance at each folder gives them: cheap, for who says what he may be able to run. */
export function roughNames(search: RecipeSearch = {}): string[] {
  const roots = searchRoots(search).flatMap(
    (root) =>
      unlessRefused(
        () => openRoot(root),
        () => {},
      ) ?? [],
  );
  return [...new Set(roots.flatMap((root) => foldersIn(root).filter(looksLikeRecipe).map(roughNameOf)))];
}

/** Lists every recipe that a name can find. A broken or refused one is a problem, never an error of the whole. */
export async function listRecipes(search: RecipeSearch = {}): Promise<RecipeList> {
  const list: RecipeList = { recipes: [], problems: [] };
  const taken = new Set<string>();
  for (const root of searchRoots(search)) {
    const refused = (path: string) => (error: Error) => void list.problems.push({ path, error });
    const real = unlessRefused(() => openRoot(root), refused(root.path));
    for (const path of real === undefined ? [] : foldersIn(real).filter(looksLikeRecipe)) {
      const folder = unlessRefused(() => contained(real ?? '', path), refused(path));
      if (folder !== undefined) await addTo(list, taken, folder, search.env ?? process.env);
    }
  }
  return list;
}

async function addTo(list: RecipeList, taken: Set<string>, folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const name = await nameOf(folder);
  if (taken.has(name)) return; // the first of a name hides the others, also when it is broken
  taken.add(name);
  try {
    list.recipes.push(await readRecipe(folder, env));
  } catch (error) {
    list.problems.push({ path: folder, error: error as Error });
  }
}

/** A recipe is found by its name, which is its folder's unless the template gives another. */
async function lookIn(
  root: Root,
  name: string,
  refused: (error: RecipePolicyError) => void,
): Promise<string | undefined> {
  // A refusal matters only where there would have been something to find.
  const real = unlessRefused(
    () => openRoot(root),
    (error) => isFolder(join(root.path, name)) && refused(error),
  );
  if (real === undefined) return undefined;
  const own = join(real, name);
  for (const path of inOrder(real, own)) {
    if (!isFolder(path)) continue;
    const folder = unlessRefused(
      () => contained(real, path),
      (error) => path === own && refused(error),
    );
    if (folder !== undefined && (await nameOf(folder)) === name) return folder;
  }
  return undefined;
}

/** Most often the first one is it. */
function* inOrder(root: string, own: string): Generator<string> {
  yield own;
  yield* foldersIn(root).filter((other) => other !== own);
}

function foldersIn(root: string): string[] {
  return readdirSync(root)
    .filter((name) => !name.startsWith('.') && name !== 'node_modules')
    .sort()
    .map((name) => join(root, name))
    .filter(isFolder);
}

function isPath(text: string): boolean {
  return isAbsolute(text) || text.startsWith('./') || text.startsWith(`.${sep}`);
}

function rootAt(path: string, search: RecipeSearch): string {
  if (path.split(sep).concat(path.split('/')).includes('..')) throw invalid('recipe', path, "a path without '..'");
  if (path.includes('\0')) throw invalid('recipe', path, 'a path without a NUL character');
  const full = resolve(search.cwd ?? process.cwd(), path);
  const real = realPath(full);
  if (real === undefined) throw new RecipeNotFoundError(path, [], [full]);
  if (!isFolder(real)) throw new RecipeValidationError(path, [{ path, message: 'is not a folder' }]);
  refuseUntrusted(real);
  return real;
}

async function notFound(name: string, roots: readonly Root[]): Promise<RecipeNotFoundError> {
  const known: string[] = [];
  const namesakes: string[] = [];
  for (const root of roots) {
    const real = unlessRefused(
      () => openRoot(root),
      () => {},
    );
    for (const folder of real === undefined ? [] : foldersIn(real).filter(looksLikeRecipe)) {
      const declared = await nameOf(folder);
      known.push(declared);
      if (folder === join(real ?? '', name)) namesakes.push(declared);
    }
  }
  const near = nearest(name, known.sort(), 3);
  const paths = roots.map(({ path }) => path);
  return new RecipeNotFoundError(name, [...new Set([...namesakes, ...near])], paths);
}
