/** Recipes in code. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { invalid } from '../errors/index.ts';
import type { Recipe, RecipeContext, RunOfVersion } from '../ports/recipe.ts';
import { checkObject, checkWhole } from '../wire/check.ts';
import type { ResultOf } from '../wire/collect.ts';
import { markRecipe } from '../wire/recipe-mark.ts';
import { OnCodeChange } from '../wire/task.ts';
import { checkRecipeName, FIRST_VERSION, isVersion, VERSION_FORM } from './name.ts';

type In<S extends StandardSchemaV1> = StandardSchemaV1.InferInput<S>;
type Out<S extends StandardSchemaV1> = StandardSchemaV1.InferOutput<S>;
type Soon<T> = T | PromiseLike<T>;

interface Named {
  /** `[a-z0-9][a-z0-9._-]{0,63}`, without `..`. */
  name: string;
  /** For people. */
  description?: string | undefined;
  /** Of the code, 1 to 200 characters. Default `"1"`. */
  version?: string | undefined;
  /** What becomes of a task whose code is of another version when it starts. Default: see `defineRecipe`. */
  onCodeChange?: OnCodeChange | undefined;
  /** What tasks of other versions run, by their version. */
  versions?: Readonly<Record<string, RunOfVersion>> | undefined;
}

const KEYS: Record<keyof Named | 'input' | 'output' | 'run', true> = {
  name: true,
  description: true,
  version: true,
  onCodeChange: true,
  versions: true,
  input: true,
  output: true,
  run: true,
};

/**
 * Defines a recipe: named work that can be submitted again and again.
 *
 * `input` and `output` are any Standard Schema. `run` gets the input as its schema returns it, and the handle resolves
 * with the result as its schema returns it. Without schemas the types come from `run` alone and nothing is checked. Where
 * `run` returns an async iterable, each item is an `output` event and the result is what it returned, else the items.
 *
 * Raise `version` when code of before must not go on with this code: when a step or a question of the same key means
 * something else. A task that has stored results of steps, or answers, then waits for an operator, unless `onCodeChange`
 * says otherwise or `versions` holds what it ran; any other task runs the code that is there.
 *
 * Throws `InvalidArgumentError` for an unknown key, a name that is none, a `run` that is no function, a schema that is no Standard Schema,
 * a `version` that is no text of 1 to 200 characters, and `versions` that are no functions. Nothing is run or registered here.
 */
export function defineRecipe<S extends StandardSchemaV1, T extends StandardSchemaV1>(
  definition: Named & { input: S; output: T; run(input: Out<S>, ctx: RecipeContext<Out<S>>): Soon<In<T>> },
): Recipe<In<S>, Out<T>>;
export function defineRecipe<S extends StandardSchemaV1, R>(
  definition: Named & { input: S; output?: undefined; run(input: Out<S>, ctx: RecipeContext<Out<S>>): R },
): Recipe<In<S>, ResultOf<R>>;
export function defineRecipe<I, T extends StandardSchemaV1>(
  definition: Named & { input?: undefined; output: T; run(input: I, ctx: RecipeContext<I>): Soon<In<T>> },
): Recipe<I, Out<T>>;
export function defineRecipe<I, R>(
  definition: Named & { input?: undefined; output?: undefined; run(input: I, ctx: RecipeContext<I>): R },
): Recipe<I, ResultOf<R>>;
export function defineRecipe(definition: Named & { input?: unknown; output?: unknown; run: unknown }): Recipe {
  checkObject('recipe', definition, KEYS);
  const { name, description, version = FIRST_VERSION, input, output, run } = definition;
  checkRecipeName(name);
  checkWhole('version', version);
  if (typeof version !== 'string' || !isVersion(version)) throw invalid('version', version, VERSION_FORM);
  if (typeof run !== 'function') throw invalid('run', run, 'a function (input, ctx) => result');
  const recipe = markRecipe({
    name,
    ...(description === undefined ? {} : { description }),
    version,
    ...changesOf(definition, version),
    ...schemaUnder('input', input),
    ...schemaUnder('output', output),
    run: run.bind(definition),
  });
  return Object.freeze(recipe);
}

/** What is said of tasks of other versions. */
function changesOf({ onCodeChange, versions }: Named, version: string): Pick<Recipe, 'onCodeChange' | 'versions'> {
  if (onCodeChange !== undefined && !Object.values(OnCodeChange).includes(onCodeChange)) {
    throw invalid('onCodeChange', onCodeChange, "'run', 'hold' or 'fail'");
  }
  if (versions !== undefined) checkVersions(versions, version);
  return {
    ...(onCodeChange === undefined ? {} : { onCodeChange }),
    ...(versions === undefined ? {} : { versions: Object.freeze({ ...versions }) }),
  };
}

function checkVersions(versions: unknown, version: string): void {
  if (typeof versions !== 'object' || versions === null || Array.isArray(versions))
    throw invalid('versions', versions, 'functions by version');
  if (Object.hasOwn(versions, version)) throw invalid('versions', version, 'other versions than its own');
  for (const [key, run] of Object.entries(versions)) {
    if (!isVersion(key)) throw invalid('versions', key, VERSION_FORM);
    if (typeof run !== 'function') throw invalid(`versions.${key}`, run, 'a function (input, ctx) => result');
  }
}

function schemaUnder(option: string, schema: unknown): Record<string, StandardSchemaV1> {
  if (schema === undefined) return {};
  if (!isStandardSchema(schema)) throw invalid(option, schema, 'a Standard Schema');
  return { [option]: schema };
}

/** Tells whether a value follows Standard Schema; schemas may be objects or functions. */
function isStandardSchema(value: unknown): value is StandardSchemaV1 {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const standard = (value as { '~standard'?: { validate?: unknown } })['~standard'];
  return typeof standard === 'object' && standard !== null && typeof standard.validate === 'function';
}
