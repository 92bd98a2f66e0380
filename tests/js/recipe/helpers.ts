/** Folders of recipes that a test makes and that go with it. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { ModuleFolder } from '#offstage/program/module/reading-module.js';
import { findRecipe, type RecipeContext, type RecipeFolder, type RecipeSearch } from '#offstage/recipe/index.js';

/** A folder of its own, by its real path. */
export function tempFolder(t: TestContext): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'offstage-recipe-')));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files, each under its path relative to the folder. */
export function write(folder: string, files: Record<string, string | Uint8Array>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** Makes a recipe that returns its input; answers with its folder. */
export function addRecipe(root: string, name: string, template = '', files: Record<string, string> = {}): string {
  write(join(root, name), { 'TEMPLATE.yaml': template, 'recipe.mjs': 'export default (input) => input;\n', ...files });
  return join(root, name);
}

/** A project with a store, a home and nothing else; the real environment and home play no part. */
export function place(t: TestContext): { folder: string; project: string; home: string; search: RecipeSearch } {
  const folder = tempFolder(t);
  const [project, home] = [join(folder, 'project'), join(folder, 'home')];
  for (const path of [project, home]) mkdirSync(path);
  return { folder, project, home, search: { storeFolder: join(project, '.offstage'), cwd: project, home, env: {} } };
}

/** Reads a recipe with this template. */
export async function folderWith(t: TestContext, template: string, env: NodeJS.ProcessEnv = {}): Promise<RecipeFolder> {
  return findRecipe(addRecipe(tempFolder(t), 'sample', template), { env });
}

/** A found recipe that must be a module. */
export async function moduleOf(found: Promise<RecipeFolder>): Promise<ModuleFolder> {
  const recipe = await found;
  if (recipe.kind === 'module') return recipe;
  throw new Error(`${recipe.name} is a ${recipe.kind} recipe`);
}

/** The error that a promise rejects with. Fails when it does not reject. */
export async function rejection(promise: Promise<unknown>): Promise<Rejected> {
  const settled = await promise.then(
    (value) => ({ value }),
    (error) => ({ error }),
  );
  if ('error' in settled) return settled.error;
  throw new Error(`expected a rejection, got ${JSON.stringify(settled.value)}`);
}

export interface Rejected extends Error {
  code?: string;
  errors?: { path: string; line?: number; column?: number; message: string }[];
  missing?: string[];
  retryable?: boolean;
}

/** A context that remembers what it was told. */
export function fakeContext(abort = new AbortController()) {
  const told: { fraction: number; message: string | undefined }[] = [];
  const output: unknown[] = [];
  const context: RecipeContext = {
    taskId: 'task_00000000000000000000000000000000',
    name: 'sample',
    sessionId: null,
    taskSessionId: 'bg:task_00000000000000000000000000000000',
    version: '1',
    attempt: 1,
    input: undefined,
    config: {},
    signal: abort.signal,
    progress: (fraction, message) => void told.push({ fraction: fraction as number, message }),
    usage: () => {},
    log: () => {},
    output: (chunk) => void output.push(chunk),
    step: async (_key, fn) => fn(),
    idempotencyKey: (key) => `task_00000000000000000000000000000000:${key}`,
    requestInput: () => Promise.reject(new Error('nobody answers here')),
    submit: () => Promise.reject(new Error('there are no children here')),
  };
  return { context, told, output, abort };
}
