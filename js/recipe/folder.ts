/** Reads one recipe folder: its template and what runs. Loads no code. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { RecipeValidationError } from '../errors/index.ts';
import { readText } from '../wire/text.ts';
import { programOf } from './command.ts';
import { contained, TEMPLATE } from './contain.ts';
import { digestOf } from './digest.ts';
import { isCovered, ofStanding } from './standing.ts';
import {
  type CommandField,
  declaredName,
  declaredVersion,
  type EntryField,
  readTemplate,
  type Template,
} from './template.ts';
import type { RecipeFolder } from './types.ts';

const LIMIT = 256 * 1024;
const ENTRIES = ['recipe.mjs', 'recipe.js', 'recipe.ts'];
const AGENTS = 'agents.yaml';

/**
 * Reads the recipe in `root`, a real path.
 *
 * # Errors
 * `RecipeValidationError` with everything that is wrong in the template, or for what should run and is not there;
 * `RecipePolicyError` for a template or entry that leads out of the folder or can be written by others.
 */
export async function readRecipe(root: string, env: NodeJS.ProcessEnv): Promise<RecipeFolder> {
  const look = (): Promise<Found> => findIn(root, env);
  const { recipe } = await ofStanding(
    root,
    'recipe',
    look,
    ({ recipe, usesEnv }) => !usesEnv && isCovered(root, recipe),
  );
  return structuredClone(recipe); // whoever is handed it may change it
}

interface Found {
  recipe: RecipeFolder;
  /** It may be another one in another environment. */
  usesEnv: boolean;
}

async function findIn(root: string, env: NodeJS.ProcessEnv): Promise<Found> {
  const folderName = basename(root);
  const text = decoded(await readTemplateFile(root), folderName);
  const { entry, command, ...template } = await readTemplate(text, folderName, env);
  return { recipe: await programmed(root, { entry, command, ...template }), usesEnv: text.includes('${') };
}

async function programmed(root: string, { entry: field, command, ...template }: Template): Promise<RecipeFolder> {
  if (command !== undefined) {
    checkProgram(root, template.name, command);
    return { ...template, kind: 'command', root, command: command.argv, digest: await digestOf(root) };
  }
  const entry = entryOf(root, template.name, field);
  return { ...template, kind: 'module', root, entry, digest: await digestOf(root) };
}

function checkProgram(root: string, name: string, { argv, place }: CommandField): void {
  if (programOf(root, argv) !== undefined) return;
  const path = argv[0] ?? '';
  const problem = existsSync(join(root, path)) ? `${path} is not an executable file` : `there is no ${path} in ${root}`;
  throw new RecipeValidationError(name, [{ path: TEMPLATE, ...place, message: `command: ${problem}` }]);
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
  return [TEMPLATE, AGENTS, ...ENTRIES].some((file) => existsSync(join(folder, file)));
}

async function readTemplateFile(root: string): Promise<Buffer> {
  const path = contained(root, join(root, TEMPLATE));
  if (path === undefined) {
    const agents = existsSync(join(root, AGENTS)) ? `; ${NO_AGENTS} (${AGENTS})` : '';
    throw wrong(basename(root), TEMPLATE, `missing in ${root}${agents}`);
  }
  const { size } = statSync(path);
  if (!statSync(path).isFile()) throw wrong(basename(root), TEMPLATE, 'is not a file');
  if (size > LIMIT) throw wrong(basename(root), TEMPLATE, `has ${size} bytes, the limit is ${LIMIT}`);
  return readFile(path);
}

/** What to say where agents are all that a folder has. */
export const NO_AGENTS = 'this version runs modules (entry) and commands (command), not agents recipes';

function decoded(bytes: Uint8Array, name: string): string {
  const { text, problem } = readText(bytes);
  if (text === undefined) throw wrong(name, TEMPLATE, `expected text in UTF-8, but it ${problem}`);
  return text;
}

function entryOf(root: string, name: string, field: EntryField | undefined): string {
  if (field === undefined && existsSync(join(root, AGENTS))) {
    throw wrong(name, AGENTS, `${NO_AGENTS}; name an entry or a command in ${TEMPLATE}`);
  }
  const path = field?.path ?? ENTRIES.find((file) => existsSync(join(root, file)));
  if (path === undefined) throw wrong(name, TEMPLATE, `no entry, and none of ${ENTRIES.join(', ')} in ${root}`);
  const real = contained(root, join(root, path));
  const problem = real === undefined ? `there is no ${path} in ${root}` : entryProblem(real);
  if (real !== undefined && problem === undefined) return real;
  const place = field?.place === undefined ? { path } : { path: TEMPLATE, ...field.place };
  throw new RecipeValidationError(name, [{ ...place, message: `entry: ${problem}` }]);
}

/** The real file counts: a link's own name says nothing about how its target is loaded. */
function entryProblem(path: string): string | undefined {
  if (!statSync(path).isFile()) return `${path} is not a file`;
  const type = extname(path);
  if (['.mjs', '.js', '.cjs'].includes(type)) return undefined;
  if (!['.ts', '.mts'].includes(type)) return `got ${basename(path)}, expected a module: .mjs, .js, .cjs, .ts or .mts`;
  if ('typescript' in process.features && process.features.typescript) return undefined;
  return `${basename(path)} is TypeScript, which needs Node 22.18 or later; this is ${process.version}`;
}

function wrong(recipe: string, path: string, message: string): RecipeValidationError {
  return new RecipeValidationError(recipe, [{ path, message }]);
}
