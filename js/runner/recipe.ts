/** Recipes in code as work of a runner. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { collect, isAsyncIterable } from '../wire/collect.ts';
import type { AbortSignal } from '../wire/globals.ts';
import { checked } from '../wire/schema.ts';
import type { Work } from './entry.ts';
import type { SubmitOptions } from './spec.ts';

/** What `defineRecipe` returns: named work. `I` is what its input is given as, `O` what it results in. */
export interface RunnableRecipe<I = unknown, O = unknown> {
  /** What its tasks are called unless they say otherwise. */
  readonly name: string;
  /** Default `"1"`. */
  readonly version?: string;
  /** Checks and turns the input before `run`. */
  readonly input?: StandardSchemaV1;
  /** Checks and turns the result after `run`. */
  readonly output?: StandardSchemaV1;
  /** The context is more than what recipes know of it, but for `submit`: a runner's takes functions and recipes, no names. */
  run(input: unknown, ctx: never): unknown;
  /** Never set: carries the types. */
  readonly types?: { readonly input: I; readonly output: O };
}

/** How to run one recipe: the input is what the recipe takes, and may be left out only if that may be undefined. */
export type RecipeOptions<I> = Omit<SubmitOptions, 'input'> &
  (undefined extends I ? { input?: I | undefined } : { input: I });

/** The options of a recipe as an argument, which may be left out when the input may. */
export type RecipeArguments<I, More = unknown> = undefined extends I
  ? [options?: RecipeOptions<I> & More]
  : [options: RecipeOptions<I> & More];

export function isRecipe(value: unknown): value is RunnableRecipe {
  if (typeof value !== 'object' || value === null) return false;
  const { name, run } = value as Partial<RunnableRecipe>;
  return typeof name === 'string' && typeof run === 'function';
}

/** What is asked of a task's context here. */
interface Context {
  readonly input: unknown;
  readonly signal: AbortSignal;
  readonly output: (chunk: unknown) => void;
}

/** Input through its schema, then `run`, then the result through its schema. What does not fit fails the task. */
export function recipeWork(recipe: RunnableRecipe): Work {
  return async (ctx: Context) => {
    const input = await checked(recipe.input, 'input', recipe.name, ctx.input);
    const seen = recipe.input === undefined ? ctx : withInput(ctx, input);
    const made = recipe.run(input, seen as never);
    const result = isAsyncIterable(made) ? collect(made, ctx, ctx.output) : made;
    return checked(recipe.output, 'output', recipe.name, await result);
  };
}

/** The same context, but for the input, which is what the schema returned. */
function withInput(ctx: Context, input: unknown): Context {
  return new Proxy(ctx, {
    get(target, key) {
      if (key === 'input') return input;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
