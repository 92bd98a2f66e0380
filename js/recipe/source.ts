/** What a task keeps of its recipe's folder, and a second look at it right before a run. */
import { basename, join } from 'node:path';
import { RecipeNotFoundError, RecipePolicyError } from '../errors/index.ts';
import { thisPlace } from '../platform/place.ts';
import { type Judge, self, trustedBy, trustedFolders } from '../platform/trust.ts';
import type { Program } from '../ports/program.ts';
import { contained, isFolder, programFolder, realPath, TEMPLATE } from '../program/contain.ts';
import { KIND_NAMES, kindOf, readingOf, valueIn } from '../program/kinds.ts';
import { programOfAdHoc } from './ad-hoc.ts';
import { digestWith } from './digest.ts';
import { aloneKind, looksLikeRecipe, nameOf, readRecipe, roughNameOf, versionOf } from './folder.ts';
import { areCovered, ofStanding } from './standing.ts';
import type { RecipeFolder, RecipeSource } from './types.ts';

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

/** The program, under the key of its kind. */
const programPart = (recipe: RecipeFolder): object => ({ [kindOf(recipe.kind).key]: valueIn(recipe) });

/** What a record keeps of a folder but its program. */
export function withoutProgram(source: RecipeSource): RecipeSource {
  const rest = { ...source };
  for (const kind of KIND_NAMES) Reflect.deleteProperty(rest, kindOf(kind).key);
  return rest;
}

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

export async function codeOf(source: Pick<RecipeSource, 'root' | 'settled'>): Promise<CodeFacts> {
  const { root } = source;
  const digest = await digestWith(root, await besideOf(source));
  const key = `${root}\n${digest}`;
  const version = versions.get(key) ?? (await versionOf(root));
  if (version === undefined) return { version, digest };
  if (versions.size >= MOST_VERSIONS) versions.clear();
  versions.set(key, version);
  return { version, digest };
}

/** Other folders whose code it runs. */
async function besideOf(source: Pick<RecipeSource, 'root' | 'settled'>): Promise<readonly string[]> {
  const kept = source.settled === undefined ? undefined : keptOf(source as RecipeSource);
  return kept === undefined ? [] : ((await readingOf(kept.kind)).beside?.(source.settled) ?? []);
}

/** By folder and digest, which covers the template. */
const versions = new Map<string, string>();
const MOST_VERSIONS = 1_000;

/** The program that the template names now; what reaches it of an environment stays as it was stored. */
async function renewed(source: RecipeSource): Promise<RecipeSource> {
  const recipe = await readRecipe(source.root, process.env).catch(() => undefined);
  if (recipe === undefined) return source; // what is wrong with it is said of the program that was stored
  return { ...withoutProgram(source), ...programPart(recipe) };
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
  if (source.ad_hoc) return { code: NO_CODE, program: programOfAdHoc(source) };
  const { root, trusted = [] } = source;
  const kept = keptOf(source);
  if (kept === undefined) throw gone(root);
  const { paths } = await readingOf(kept.kind);
  const isElsewhere = (await besideOf(source)).length > 0;
  if (trusted.length > 0 || isElsewhere || !areCovered(paths(programFolder(root, basename(root)), kept.value))) {
    return lookInto(source, known);
  }
  const question = JSON.stringify([kept, known, source.settled]);
  return ofStanding(
    root,
    question,
    () => lookInto(source, known),
    ({ code }) => code.digest === (known ?? code.digest),
  );
}

/** What was submitted as it is has none of its own. */
const NO_CODE: CodeFacts = { version: undefined, digest: '' };

interface Contained {
  code: CodeFacts;
  program: Program;
}

async function lookInto(source: RecipeSource, known: string | undefined): Promise<Contained> {
  const { root, trusted = [] } = source;
  const own = self();
  const judge = { ...own, trusted: [...own.trusted, ...trusted] };
  const real = realPath(root);
  if (real === undefined) throw gone(root);
  if (real !== root) throw new RecipePolicyError(`refused: ${root} leads to ${real} now`);
  const template = contained(root, join(root, TEMPLATE), judge);
  if (template === undefined && aloneKind(root) === undefined) throw gone(root);
  const code = await codeOf(source);
  const changed = known !== undefined && code.digest !== known;
  return { code, program: await programIn(changed ? await renewed(source) : source, judge) };
}

async function programIn(source: RecipeSource, judge: Judge): Promise<Program> {
  const { root } = source;
  const kept = keptOf(source);
  const reading = kept && (await readingOf(kept.kind));
  const program = reading?.program(programFolder(root, basename(root), judge), kept?.value, source.settled);
  if (program === undefined) throw gone(root);
  return program;
}

/** What a record keeps of its program, and of which kind that is. */
function keptOf(source: RecipeSource): { kind: string; value: unknown } | undefined {
  const kind = KIND_NAMES.find((name) => Object.hasOwn(source, kindOf(name).key));
  return kind === undefined ? undefined : { kind, value: Reflect.get(source, kindOf(kind).key) };
}

const gone = (root: string) => new RecipeNotFoundError(basename(root), [], [root]);
