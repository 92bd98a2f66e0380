/** What a task keeps of its recipe's folder, and a second look at it right before a run. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { RecipeNotFoundError, RecipePolicyError } from '../errors/index.ts';
import { thisPlace } from '../store/place.ts';
import { type Judge, self, trustedBy, trustedFolders } from '../store/trust.ts';
import { programOf } from './command.ts';
import { contained, digestOf, isFolder, realPath, TEMPLATE } from './contain.ts';
import { looksLikeRecipe, nameOf, roughNameOf } from './folder.ts';
import type { RecipeFolder, RecipeProgram, RecipeSource } from './types.ts';

/** What a task's record keeps of the folder. */
export function sourceOf(recipe: RecipeFolder): RecipeSource {
  const { env } = recipe.requires;
  const open = env.filter(({ secret }) => !secret).map(({ name }) => name);
  return {
    root: recipe.root,
    place: thisPlace(),
    ...trustOf(recipe.root),
    ...(recipe.kind === 'module' ? { entry: recipe.entry } : { command: recipe.command }),
    version: recipe.version,
    digest: recipe.digest,
    needs: env.map(({ name }) => name),
    ...(open.length === 0 ? {} : { open }),
    inherit_env: recipe.runtime.inheritEnv,
  };
}

/** What the submitter trusts counts for whoever runs it: worker and submitter are one user. */
function trustOf(root: string): Pick<RecipeSource, 'trusted'> {
  const folder = trustedBy(root, trustedFolders());
  return folder === undefined ? {} : { trusted: [folder] };
}

/** Whether the folder, a path as it was stored, still holds a recipe of that name. */
export async function holdsRecipe(root: string, name: string): Promise<boolean> {
  if (!isFolder(root) || !looksLikeRecipe(root)) return false;
  return roughNameOf(root) === name || (await nameOf(root)) === name;
}

/**
 * Looks again, right before a run, whether the recipe may be run and what that is; `source` is as it was stored at submit.
 * The digest is that of now, for comparing with the stored one. What happens to the files between this look and the run
 * is not covered.
 *
 * # Errors
 * `RecipeNotFoundError` when the folder or a file is gone; `RecipePolicyError` when one leads elsewhere now, or can be
 * written by others.
 */
export async function containedSource(source: RecipeSource): Promise<{ digest: string; program: RecipeProgram }> {
  const { root, trusted = [] } = source;
  const own = self();
  const judge = { ...own, trusted: [...own.trusted, ...trusted] };
  const real = realPath(root);
  if (real === undefined) throw gone(root);
  if (real !== root) throw new RecipePolicyError(`refused: ${root} leads to ${real} now`);
  const template = contained(root, join(root, TEMPLATE), judge);
  if (template === undefined) throw gone(root);
  const { program, covered } = programIn(source, judge);
  const file = covered === undefined ? new Uint8Array() : await readFile(covered);
  return { digest: digestOf(await readFile(template), file), program };
}

function programIn(
  { root, entry, command }: RecipeSource,
  judge: Judge,
): { program: RecipeProgram; covered: string | undefined } {
  if (command !== undefined) {
    const found = programOf(root, command, judge);
    if (found === undefined) throw gone(root);
    const { file, args, covered } = found;
    return { program: { kind: 'command', file, args, folder: root }, covered };
  }
  const module = entry === undefined ? undefined : contained(root, entry, judge);
  if (module === undefined) throw gone(root);
  return { program: { kind: 'module', entry: module }, covered: module };
}

const gone = (root: string) => new RecipeNotFoundError(basename(root), [], [root]);
