/** From what a submit gives to what a recipe folder's function gets. */
import { invalid, RecipeValidationError } from '../errors/index.ts';
import { TEMPLATE } from '../program/contain.ts';
import type { Fields } from '../program/fields.ts';
import { serialize } from '../wire/serialize.ts';
import type { RecipeFolder } from './types.ts';

/**
 * Makes the input object: what is no object (a list, a text, a number, `null`) becomes `{ input: value }`, nothing
 * becomes `{}`; the recipe's `defaults` stand in for keys that are not given; the whole is checked by its JSON Schema
 * (draft 2020-12; `default` in a schema fills nothing in).
 *
 * # Errors
 * `RecipeValidationError` with the path of everything that does not fit (`input.files[0]`), or for a schema that cannot
 * be used; `SerializationError` for what JSON cannot carry (looked at only when there is a schema).
 */
export async function prepareInput(recipe: RecipeFolder, input: unknown): Promise<Record<string, unknown>> {
  const given = input === undefined ? {} : isObject(input) ? input : { input };
  // A key that holds undefined does not reach JSON, so it must not hide a default.
  const defined = Object.entries(given).filter(([, value]) => value !== undefined);
  const whole = { ...recipe.defaults, ...Object.fromEntries(defined) };
  if (recipe.inputSchema !== undefined) await checkInput(recipe, JSON.parse(serialize(whole, 'input')));
  return whole;
}

/** The recipe's config values with the given ones over them. `InvalidArgumentError` for what is no plain object. */
export function prepareConfig(recipe: RecipeFolder, config: unknown): Record<string, unknown> {
  if (config === undefined) return { ...recipe.config };
  if (!isObject(config)) throw invalid('config', config, 'an object');
  return { ...recipe.config, ...config };
}

/** What becomes an object in JSON: no list, and nothing that says otherwise by `toJSON`, as dates do. */
function isObject(value: unknown): value is Fields {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    typeof (value as { toJSON?: unknown }).toJSON !== 'function'
  );
}

/** Loads what an input with a schema needs. */
export const loadInputCheck = () => import('../wire/json-schema.ts');

async function checkInput(recipe: RecipeFolder, input: unknown): Promise<void> {
  const { checkJson } = await loadInputCheck();
  const problems = await checkJson(recipe.inputSchema, input, 'input').catch((error) => {
    throw new RecipeValidationError(recipe.name, [{ path: TEMPLATE, message: `input: ${error.message}` }]);
  });
  if (problems.length > 0) throw new RecipeValidationError(recipe.name, problems, 'input');
}
