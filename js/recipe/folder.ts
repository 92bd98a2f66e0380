/** Reads one recipe folder: its template and what runs. Loads no code. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { RecipeValidationError } from '../errors/index.ts';
import type { RecipeRuntime } from '../ports/recipe-folder.ts';
import { contained, programFolder, TEMPLATE } from '../program/contain.ts';
import { KIND_NAMES, kindOf, PROGRAM_FILES, readingOf } from '../program/kinds.ts';
import { readText } from '../wire/text.ts';
import { digestOf } from './digest.ts';
import { FIRST_VERSION, isRecipeName, NAME_FORM } from './name.ts';
import { areCovered, ofStanding } from './standing.ts';
import { declaredName, declaredVersion, readTemplate, type Template } from './template.ts';
import type { RecipeFolder } from './types.ts';

const LIMIT = 256 * 1024;

/**
 * Reads the recipe in `root`, a real path.
 *
 * # Errors
 * `RecipeValidationError` with everything that is wrong in the template, or for what should run and is not there;
 * `RecipePolicyError` for a template or entry that leads out of the folder or can be written by others.
 */
export async function readRecipe(root: string, env: NodeJS.ProcessEnv): Promise<RecipeFolder> {
  const look = (): Promise<Found> => findIn(root, env);
  const { recipe } = await ofStanding(root, 'recipe', look, ({ isWhole }) => isWhole);
  return structuredClone(recipe); // whoever is handed it may change it
}

interface Found {
  recipe: RecipeFolder;
  /** It is the same in another environment, and as long as the folder stands as it does. */
  isWhole: boolean;
}

async function findIn(root: string, env: NodeJS.ProcessEnv): Promise<Found> {
  const folderName = basename(root);
  const alone = aloneKind(root);
  if (alone !== undefined) return findAlone(root, folderName, alone);
  const text = decoded(await readTemplateFile(root), folderName);
  const { program, ...template } = await readTemplate(text, folderName, env);
  const { kind, value, isCovered } = await readProgram(root, template.name, program);
  const recipe = (await readingOf(kind)).folder({ ...template, root, digest: await digestOf(root) }, value);
  return { recipe, isWhole: isCovered && !text.includes('${') };
}

/** The kind of a folder that needs no template, if it is of one that needs none and has none. */
export function aloneKind(root: string): string | undefined {
  if (existsSync(join(root, TEMPLATE))) return undefined;
  return KIND_NAMES.find((kind) => {
    const { standsAlone, files } = kindOf(kind);
    return standsAlone === true && files.some((file) => existsSync(join(root, file)));
  });
}

/** What a file says that stands for the template; the name is the folder's, by which it is found. */
async function findAlone(root: string, name: string, kind: string): Promise<Found> {
  const folder = programFolder(root, name);
  const reading = await readingOf(kind);
  const [file = ''] = kindOf(kind).files;
  if (!isRecipeName(name)) throw wrong(name, file, `the folder's name '${name}' is not ${NAME_FORM}`);
  const value = reading.read(folder, undefined);
  if (value === undefined || reading.alone === undefined) throw wrong(name, file, `missing in ${root}`);
  const { env, external, version = FIRST_VERSION, tags, ...facts } = reading.alone(folder);
  const own = {
    ...facts,
    name,
    version,
    tags: [...tags],
    root,
    digest: await digestOf(root),
    requires: { packages: [], env: env.map((one) => ({ name: one, secret: true })), external: [...external] },
    runtime: PLAIN_RUNTIME,
    config: {},
    defaults: {},
  };
  const recipe = reading.folder(own, value);
  return { recipe, isWhole: areCovered(reading.paths(folder, value)) };
}

const PLAIN_RUNTIME: RecipeRuntime = { enabled: true, maxConcurrent: null, onLost: 'fail', inheritEnv: false };

/** Files of several kinds, and nothing that says which one is meant. */
function refuseSeveral(root: string, name: string): void {
  const kinds = KIND_NAMES.filter((kind) => kindOf(kind).files.some((file) => existsSync(join(root, file))));
  if (kinds.length < 2) return;
  const keys = kinds.map((kind) => kindOf(kind).key).join(' or ');
  throw wrong(name, TEMPLATE, `${root} has files of several kinds of recipes: say by ${keys} which one is run`);
}

/** What runs: what the template names, else the first kind of which there is a file. */
async function readProgram(root: string, name: string, named: Template['program']) {
  const folder = programFolder(root, name);
  if (named === undefined) refuseSeveral(root, name);
  for (const kind of named === undefined ? KIND_NAMES : [named.kind]) {
    const reading = await readingOf(kind);
    const value = reading.read(folder, named?.field);
    if (value !== undefined) return { kind, value, isCovered: areCovered(reading.paths(folder, value)) };
  }
  throw wrong(name, TEMPLATE, `no entry, and none of ${PROGRAM_FILES.join(', ')} in ${root}`);
}

/** The name of the recipe in `root`, even of a broken one; the folder's name when the template gives none. */
export async function nameOf(root: string): Promise<string> {
  const folderName = basename(root);
  try {
    const look = async () => declaredName(decoded(await readTemplateFile(root), folderName), folderName);
    return await ofStanding(root, 'name', look);
  } catch {
    return folderName; // why it cannot be read is said when it is asked for
  }
}

/** The version of the recipe in `root`, whatever else is wrong with it; undefined when its template cannot be read. */
export async function versionOf(root: string): Promise<string | undefined> {
  try {
    const alone = aloneKind(root);
    if (alone !== undefined) {
      const facts = (await readingOf(alone)).alone?.(programFolder(root, basename(root)));
      return facts?.version ?? FIRST_VERSION;
    }
    return await declaredVersion(decoded(await readTemplateFile(root), basename(root)));
  } catch {
    return undefined; // who submits it is told why
  }
}

/**
 * The name as a glance at the template gives it, without reading YAML: right for every plain `name: x` line. Whoever must
 * know asks `nameOf`.
 */
export function roughNameOf(root: string): string {
  try {
    const text = (readText(readFileSync(join(root, TEMPLATE))).text ?? '').slice(0, LIMIT);
    return /^name:\s*["']?([a-z0-9][a-z0-9._-]*)["']?\s*(?:#.*)?$/m.exec(text)?.[1] ?? basename(root);
  } catch {
    return basename(root);
  }
}

/** Tells whether somebody meant this folder as a recipe. */
export function looksLikeRecipe(folder: string): boolean {
  return [TEMPLATE, ...PROGRAM_FILES].some((file) => existsSync(join(folder, file)));
}

async function readTemplateFile(root: string): Promise<Buffer> {
  const path = contained(root, join(root, TEMPLATE));
  if (path === undefined) {
    throw wrong(basename(root), TEMPLATE, `missing in ${root}`);
  }
  const { size } = statSync(path);
  if (!statSync(path).isFile()) throw wrong(basename(root), TEMPLATE, 'is not a file');
  if (size > LIMIT) throw wrong(basename(root), TEMPLATE, `has ${size} bytes, the limit is ${LIMIT}`);
  return readFile(path);
}

function decoded(bytes: Uint8Array, name: string): string {
  const { text, problem } = readText(bytes);
  if (text === undefined) throw wrong(name, TEMPLATE, `expected text in UTF-8, but it ${problem}`);
  return text;
}

function wrong(recipe: string, path: string, message: string): RecipeValidationError {
  return new RecipeValidationError(recipe, [{ path, message }]);
}
