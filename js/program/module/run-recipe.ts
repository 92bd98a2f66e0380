/**
 * Loads a recipe's module and runs it. This file is what a child process loads before user code, so it imports next to
 * nothing; reading and checking folders is elsewhere.
 */
import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { RecipeValidationError } from '../../errors/recipe.ts';
import type { ProgramTools } from '../../ports/program.ts';
import type { RecipeContext } from '../../ports/recipe.ts';
import { read } from '../../wire/thrown.ts';
import type { ModuleProgram } from './reading-module.ts';

/** A module recipe, ready to run. */
export interface LoadedRecipe {
  name?: string;
  version?: string;
  versions?: Readonly<Record<string, (input: never, ctx: never) => unknown>>;
  run(input: unknown, ctx: RecipeContext): unknown;
  input?: StandardSchemaV1;
  output?: StandardSchemaV1;
}

/**
 * Imports a recipe's entry, an absolute path. Its default export is a function `(input, ctx) => result` or what
 * `defineRecipe` returned.
 *
 * # Errors
 * `RecipeValidationError` for another default export and for a module that does not parse; whatever else the module
 * throws while it loads is passed on as it is. Does not check where the entry lies: `containedSource` does.
 */
export async function loadRecipe(entry: string): Promise<LoadedRecipe> {
  const { default: exported } = await importEntry(entry);
  if (typeof exported === 'function') return { run: exported as LoadedRecipe['run'] };
  if (isLoaded(exported)) return exported;
  throw broken(entry, `default export is ${kindOf(exported)}, expected a function or defineRecipe(…)`);
}

/**
 * Runs a loaded recipe: input through its schema, then `run`, then the result through its schema. Of an async iterable
 * each item is an `output`; the result is what it returned, else the items.
 * A task of one of its `versions` runs that one, without schemas: those are of today.
 * `ctx` is a plain object; with an input schema `run` gets a copy whose `input` is what the schema returned.
 *
 * # Errors
 * `RecipeValidationError` with the path of what does not fit (`input.path`, `output.rows[0]`); it is not worth a retry
 * for input. Whatever `run` throws is passed on as it is.
 */
export async function runRecipe(loaded: LoadedRecipe, input: unknown, ctx: RecipeContext): Promise<unknown> {
  return startRecipe(loaded, input, ctx);
}

/** The same for who awaits whatever it is: without a promise of its own, and it throws at once what is thrown at once. */
export function startRecipe(loaded: LoadedRecipe, input: unknown, ctx: RecipeContext): unknown {
  const older = olderRun(loaded, ctx.version);
  if (older !== undefined) return resultOf(older(input as never, ctx as never), ctx);
  if (loaded.input === undefined && loaded.output === undefined) return resultOf(loaded.run(input, ctx), ctx);
  return runChecked(loaded, input, ctx);
}

async function runChecked(loaded: LoadedRecipe, input: unknown, ctx: RecipeContext): Promise<unknown> {
  const { checked } = await import('../../wire/schema.ts');
  const name = loaded.name ?? ctx.name;
  if (loaded.input === undefined) {
    return checked(loaded.output, 'output', name, await resultOf(loaded.run(input, ctx), ctx));
  }
  const value = await checked(loaded.input, 'input', name, input);
  const made = loaded.run(value, { ...ctx, input: value });
  return checked(loaded.output, 'output', name, await resultOf(made, ctx));
}

/** Loads and runs the recipe in its folder; see `runRecipe`. */
export async function runProgram(
  { entry }: ModuleProgram,
  context: RecipeContext,
  tools: ProgramTools,
): Promise<unknown> {
  const known = loaded.get(entry);
  const recipe = known ?? (await loadFirst(entry, tools));
  tools.begun();
  if (known === undefined) context.signal.throwIfAborted(); // told to end while it was loaded
  const version = await tools.version(olderRun(recipe, context.version) !== undefined);
  return startRecipe(recipe, context.input, version === context.version ? context : { ...context, version });
}

async function loadFirst(entry: string, tools: ProgramTools): Promise<LoadedRecipe> {
  const recipe = await loadRecipe(entry).catch((error) => {
    if (isUninstalled(error)) tools.cannotBegin(error);
    throw error;
  });
  loaded.set(entry, recipe);
  return recipe;
}

/** By entry: a process keeps the module that it has loaded, and to import it again takes longer than the rest of a run. */
const loaded = new Map<string, LoadedRecipe>();

/**
 * Whether what a recipe imports is missing because all that is installed is being replaced, this package with it. It is
 * looked for before anything of the recipe runs.
 */
function isUninstalled(error: unknown): boolean {
  return read(error, 'code') === 'ERR_MODULE_NOT_FOUND' && !existsSync(fileURLToPath(import.meta.url));
}

/** What a task of that version runs, where that is not the recipe's own `run`. */
export const olderRun = ({ versions = {} }: Pick<LoadedRecipe, 'versions'>, version: string | undefined) =>
  version !== undefined && Object.hasOwn(versions, version) ? versions[version] : undefined;

/** Loads what a run may need later, when the files of this package may be gone. */
export async function loadRunning(): Promise<void> {
  await import('../../wire/schema.ts');
  await import('../../wire/collect.ts');
}

function resultOf(made: unknown, ctx: RecipeContext): unknown {
  if (typeof made !== 'object' || made === null || !(Symbol.asyncIterator in made)) return made;
  return collected(made as AsyncIterable<unknown>, ctx);
}

async function collected(items: AsyncIterable<unknown>, ctx: RecipeContext): Promise<unknown> {
  const { collect } = await import('../../wire/collect.ts');
  return collect(items, ctx, ctx.output);
}

async function importEntry(entry: string): Promise<{ default?: unknown }> {
  try {
    return await import(/* webpackIgnore: true */ /* @vite-ignore */ pathToFileURL(entry).href);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw broken(entry, `does not parse: ${error.message}`);
  }
}

function broken(entry: string, message: string): RecipeValidationError {
  return new RecipeValidationError(basename(dirname(entry)), [{ path: basename(entry), message }]);
}

function isLoaded(value: unknown): value is LoadedRecipe {
  return typeof value === 'object' && value !== null && typeof (value as LoadedRecipe).run === 'function';
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  return typeof value === 'object' ? 'an object without a run function' : `a ${typeof value}`;
}
