/** From what a submit gives to what a recipe folder's function gets. */
import { invalid, RecipeValidationError } from '../errors/index.ts';
import { serialize } from '../wire/serialize.ts';
import { TEMPLATE } from './contain.ts';
import type { Fields } from './fields.ts';
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

/** One finding of the schema library. */
interface Finding {
  keyword: string;
  instanceLocation: string;
  error: string;
}

/** Findings that only say that there is another one further down. */
const ABOVE = new Set([
  '$ref',
  '$dynamicRef',
  'allOf',
  'if',
  'items',
  'prefixItems',
  'additionalItems',
  'unevaluatedItems',
  'properties',
  'patternProperties',
  'additionalProperties',
  'unevaluatedProperties',
  'propertyNames',
  'dependentSchemas',
]);

/** So many are shown; a list of ten thousand wrong items needs no ten thousand lines. */
const MOST = 20;

async function checkInput(recipe: RecipeFolder, input: unknown): Promise<void> {
  const { Validator } = await import('@cfworker/json-schema');
  let findings: Finding[];
  try {
    findings = new Validator(recipe.inputSchema as object, '2020-12', false).validate(input).errors;
  } catch (error) {
    const reason = (error as Error).message.split('\n')[0];
    throw new RecipeValidationError(recipe.name, [{ path: TEMPLATE, message: `input: ${reason}` }]);
  }
  if (findings.length === 0) return;
  const leaves = findings.filter(({ keyword }) => !ABOVE.has(keyword));
  const problems = (leaves.length > 0 ? leaves : findings).slice(0, MOST).map((finding) => problem(input, finding));
  throw new RecipeValidationError(recipe.name, problems, 'input');
}

function problem(input: unknown, { keyword, instanceLocation, error }: Finding): { path: string; message: string } {
  const path = pathOf(input, instanceLocation);
  const required = keyword === 'required' ? /property "(.*)"\.$/s.exec(error)?.[1] : undefined;
  if (required !== undefined) return { path: `${path}.${required}`, message: 'is required' };
  if (keyword === 'false') return { path, message: 'is not allowed' };
  const type = keyword === 'type' ? /^Instance type "(.*)" is invalid\. Expected "(.*)"\.$/.exec(error) : null;
  return { path, message: type ? `got ${type[1]}, expected ${type[2]}` : error };
}

/** `#/files/0/a~1b` as `input.files[0].a/b`. */
function pathOf(input: unknown, pointer: string): string {
  let path = 'input';
  let value = input;
  for (const part of pointer.split('/').slice(1)) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    path += Array.isArray(value) ? `[${key}]` : `.${key}`;
    value = (value as Fields | undefined)?.[key];
  }
  return path;
}
