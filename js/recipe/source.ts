/** What a task keeps of its recipe's folder, and a second look at it right before a run. */
import { basename, join } from 'node:path';
import { RecipeNotFoundError, RecipePolicyError } from '../errors/index.ts';
import { thisPlace } from '../store/place.ts';
import { type Judge, self, trustedBy, trustedFolders } from '../store/trust.ts';
import { programOf } from './command.ts';
import { contained, isFolder, realPath, TEMPLATE } from './contain.ts';
import { digestOf } from './digest.ts';
import { looksLikeRecipe, nameOf, readRecipe, roughNameOf, versionOf } from './folder.ts';
import { isCovered, ofStanding } from './standing.ts';
import type { RecipeFolder, RecipeProgram, RecipeSource } from './types.ts';

/** What a task's record keeps of the folder. */
export function sourceOf(recipe: RecipeFolder): RecipeSource {
  const { env } = recipe.requires;
  const open = env.filter(({ secret }) => !secret).map(({ name }) => name);
  return {
    root: recipe.root,
    place: thisPlace(),
    ...trustOf(recipe.root),
    ...programPart(recipe),
    needs: env.map(({ name }) => name),
    ...(open.length === 0 ? {} : { open }),
    inherit_env: recipe.runtime.inheritEnv,
  };
}

const programPart = (recipe: RecipeFolder) =>
  recipe.kind === 'module' ? { entry: recipe.entry } : { command: recipe.command };

/** What the submitter trusts counts for whoever runs it: worker and submitter are one user. */
function trustOf(root: string): Pick<RecipeSource, 'trusted'> {
  const folder = trustedBy(root, trustedFolders());
  return folder === undefined ? {} : { trusted: [folder] };
}

/** Whether the folder, a path as it was stored, still holds a recipe of that name. */
export async function holdsRecipe(root: string, name: string): Promise<boolean> {
  const look = async (): Promise<boolean> => {
    if (!isFolder(root) || !looksLikeRecipe(root)) return false;
    return roughNameOf(root) === name || (await nameOf(root)) === name;
  };
  return ofStanding(root, `holds ${name}`, look, (holds) => holds);
}

/** The code in a recipe's folder now. */
export interface CodeFacts {
  /** Undefined when the template cannot be read now. */
  version: string | undefined;
  digest: string;
}

export async function codeOf(root: string): Promise<CodeFacts> {
  const digest = await digestOf(root);
  const key = `${root}\n${digest}`;
  const version = versions.get(key) ?? (await versionOf(root));
  if (version === undefined) return { version, digest };
  if (versions.size >= MOST_VERSIONS) versions.clear();
  versions.set(key, version);
  return { version, digest };
}

/** By folder and digest, which covers the template. */
const versions = new Map<string, string>();
const MOST_VERSIONS = 1_000;

/** The program that the template names now; what reaches it of an environment stays as it was stored. */
async function renewed(source: RecipeSource): Promise<RecipeSource> {
  const recipe = await readRecipe(source.root, process.env).catch(() => undefined);
  if (recipe === undefined) return source; // what is wrong with it is said of the program that was stored
  const { entry: _, command: __, ...rest } = source;
  return { ...rest, ...programPart(recipe) };
}

/**
 * Looks again, right before a run, whether the recipe may be run and what that is; `source` is as it was stored at submit, and
 * `known` the digest that the task knows. `code` is that of now; where it is another, the program is what the template names
 * now. What happens to the files between this look and the run
 * is not covered.
 *
 * # Errors
 * `RecipeNotFoundError` when the folder or a file is gone; `RecipePolicyError` when one leads elsewhere now, or can be
 * written by others.
 */
export async function containedSource(source: RecipeSource, known?: string): Promise<Contained> {
  const { root, trusted = [], entry, command } = source;
  if (trusted.length > 0 || !isCovered(root, source)) return lookInto(source, known);
  const question = JSON.stringify([entry, command, known]);
  return ofStanding(
    root,
    question,
    () => lookInto(source, known),
    ({ code }) => code.digest === (known ?? code.digest),
  );
}

interface Contained {
  code: CodeFacts;
  program: RecipeProgram;
}

async function lookInto(source: RecipeSource, known: string | undefined): Promise<Contained> {
  const { root, trusted = [] } = source;
  const own = self();
  const judge = { ...own, trusted: [...own.trusted, ...trusted] };
  const real = realPath(root);
  if (real === undefined) throw gone(root);
  if (real !== root) throw new RecipePolicyError(`refused: ${root} leads to ${real} now`);
  if (contained(root, join(root, TEMPLATE), judge) === undefined) throw gone(root);
  const code = await codeOf(root);
  const changed = known !== undefined && code.digest !== known;
  return { code, program: programIn(changed ? await renewed(source) : source, judge) };
}

function programIn({ root, entry, command }: RecipeSource, judge: Judge): RecipeProgram {
  if (command !== undefined) {
    const found = programOf(root, command, judge);
    if (found === undefined) throw gone(root);
    return { kind: 'command', file: found.file, args: found.args, folder: root };
  }
  const module = entry === undefined ? undefined : contained(root, entry, judge);
  if (module === undefined) throw gone(root);
  return { kind: 'module', entry: module };
}

const gone = (root: string) => new RecipeNotFoundError(basename(root), [], [root]);
