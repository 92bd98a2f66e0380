/** Recipes in code. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { invalid } from '../errors/index.ts';
import type { ResultOf } from '../runner/spec.ts';
import { checkObject } from '../wire/check.ts';
import type { RecipeContext } from './context.ts';
import { checkRecipeName } from './name.ts';

/**
 * A recipe in code: the default export of a recipe folder's module, or what a `BackgroundRunner` is given. `I` is what its
 * input is given as, `O` what it results in; both are known to the compiler only. They reach the handle of a runner's
 * `submit`; a submit to a store names the folder, so they do not reach that one.
 */
export interface Recipe<I = unknown, O = unknown> {
  readonly name: string;
  readonly description?: string;
  readonly input?: StandardSchemaV1;
  readonly output?: StandardSchemaV1;
  run(input: unknown, ctx: RecipeContext): unknown;
  /** Never set: carries the types. */
  readonly types?: { readonly input: I; readonly output: O };
}

type In<S extends StandardSchemaV1> = StandardSchemaV1.InferInput<S>;
type Out<S extends StandardSchemaV1> = StandardSchemaV1.InferOutput<S>;
type Soon<T> = T | PromiseLike<T>;

interface Named {
  /** `[a-z0-9][a-z0-9._-]{0,63}`, without `..`. */
  name: string;
  description?: string | undefined;
}

const KEYS: Record<keyof Named | 'input' | 'output' | 'run', true> = {
  name: true,
  description: true,
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
 * Throws `InvalidArgumentError` for an unknown key, a name that is none, a `run` that is no function and a schema that is no Standard
 * Schema. Nothing is run or registered here.
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
  const { name, description, input, output, run } = definition;
  checkRecipeName(name);
  if (typeof run !== 'function') throw invalid('run', run, 'a function (input, ctx) => result');
  return Object.freeze({
    name,
    ...(description === undefined ? {} : { description }),
    ...schemaUnder('input', input),
    ...schemaUnder('output', output),
    run: run.bind(definition),
  });
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
