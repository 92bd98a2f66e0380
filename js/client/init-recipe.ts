/** The folder of a new recipe. */
import { mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { ConflictError, InvalidArgumentError, StoreError } from '../errors/index.ts';
import { hasManifest, upward } from '../platform/upward.ts';
import { checkRecipeName } from '../recipe/name.ts';
import type { RecipeSearch } from '../recipe/types.ts';

export const INIT_KINDS = ['module', 'agents'] as const;
export type InitKind = (typeof INIT_KINDS)[number];

/** A name goes to `recipes/` where it is found from here by that name; a path is absolute or begins with `./`. */
export function initRecipe(search: RecipeSearch, nameOrPath: string, kind: InitKind = 'module'): string {
  const folder = folderOf(search, nameOrPath);
  const name = basename(folder);
  checkRecipeName(name);
  makeFolder(folder);
  fill(folder, FILES[kind](name));
  return folder;
}

/** All or nothing: half a recipe would be found, and be broken. */
function fill(folder: string, files: Record<string, string>): void {
  try {
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text, { flag: 'wx' });
  } catch (cause) {
    for (const file of Object.keys(files)) rmSync(join(folder, file), { force: true });
    rmdirSync(folder);
    throw cannotBeMade(folder, cause);
  }
}

const cannotBeMade = (folder: string, cause: unknown): StoreError =>
  new StoreError(`${folder} cannot be made: ${(cause as Error).message}`, { cause });

function folderOf(search: RecipeSearch, nameOrPath: string): string {
  const { cwd = process.cwd() } = search;
  const isPath = isAbsolute(nameOrPath) || nameOrPath.startsWith('./');
  if (!isPath) return join(projectOf(search), 'recipes', checked(nameOrPath));
  if (nameOrPath.split('/').includes('..')) {
    throw new InvalidArgumentError(`recipe: got ${JSON.stringify(nameOrPath)}, expected a path without '..'`);
  }
  return resolve(cwd, nameOrPath);
}

/** Beside the nearest `package.json`, else the store if that lies upward, else the working folder. */
function projectOf({ cwd = process.cwd(), home, storeFolder = '.offstage' }: RecipeSearch): string {
  const folders = upward(cwd, home);
  const ofStore = dirname(resolve(cwd, storeFolder));
  return folders.find(hasManifest) ?? (folders.includes(ofStore) ? ofStore : cwd);
}

function checked(name: string): string {
  checkRecipeName(name);
  return name;
}

/** Nothing that is there already is written over. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(dirname(folder), { recursive: true });
    mkdirSync(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new ConflictError(`${folder} is there already; choose another name`, { details: { path: folder } });
    }
    throw cannotBeMade(folder, cause);
  }
}

const template = (name: string): string => `name: ${name}
version: "1"
description: Says hello
input:
  type: object
  properties:
    name: { type: string }
runtime:
  background:
    timeout_sec: 300
`;

const RECIPE = `/** What it returns is the result; what it throws fails the task. */
export default async function run(input, ctx) {
  ctx.progress(0.5, 'thinking of words');
  return { greeting: \`Hello, \${input.name ?? 'you'}!\` };
}
`;

const AGENTS = `metadata:
  version: "1"
  description: Reads a file and says in few words what it is about
  requires: { variables: [file] }
agents:
  reader:
    role: Careful Reader
    goal: Find what matters in a text.
    tools: [read_file]
  writer:
    role: Editor
    goal: Say it in few words.
steps:
  - agent: reader
    action: "Read {{file}} and list its points."
  - agent: writer
    action: "Make one paragraph of this: {{reader_output}}"
    expected_output: One paragraph.
`;

/** The files of a new recipe, by its kind. */
const FILES: Record<InitKind, (name: string) => Record<string, string>> = {
  module: (name) => ({ 'TEMPLATE.yaml': template(name), 'recipe.mjs': RECIPE }),
  agents: () => ({ 'agents.yaml': AGENTS }),
};
