/** Values against a JSON Schema (draft 2020-12; `default` fills nothing in, `format` is not looked at beyond the library's). */

/** One thing that does not fit, and where: `input.files[0]`. */
export interface SchemaProblem {
  path: string;
  message: string;
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

/** @internal Loads what `checkJson` needs, when its files may be gone later. */
export const loadJsonSchema = () => import('@cfworker/json-schema');

/**
 * Everything that does not fit, at most 20 things; empty when all does. `value` is plain data, as `JSON.parse` gives it,
 * and `root` is what paths begin with. Rejects with a plain `Error` for a schema that cannot be used.
 */
export async function checkJson(schema: unknown, value: unknown, root: string): Promise<SchemaProblem[]> {
  const { Validator } = await loadJsonSchema();
  let findings: Finding[];
  try {
    findings = new Validator(schema as object, '2020-12', false).validate(value).errors;
  } catch (cause) {
    throw new Error((cause as Error).message.split('\n')[0], { cause });
  }
  const leaves = findings.filter(({ keyword }) => !ABOVE.has(keyword));
  return (leaves.length > 0 ? leaves : findings).slice(0, MOST).map((finding) => problem(root, value, finding));
}

function problem(root: string, value: unknown, { keyword, instanceLocation, error }: Finding): SchemaProblem {
  const path = pathOf(root, value, instanceLocation);
  const required = keyword === 'required' ? /property "(.*)"\.$/s.exec(error)?.[1] : undefined;
  if (required !== undefined) return { path: `${path}.${required}`, message: 'is required' };
  if (keyword === 'false') return { path, message: 'is not allowed' };
  const type = keyword === 'type' ? /^Instance type "(.*)" is invalid\. Expected "(.*)"\.$/.exec(error) : null;
  return { path, message: type ? `got ${type[1]}, expected ${type[2]}` : error };
}

/** `#/files/0/a~1b` as `input.files[0].a/b`. */
function pathOf(root: string, value: unknown, pointer: string): string {
  let path = root;
  let at = value;
  for (const part of pointer.split('/').slice(1)) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    path += Array.isArray(at) ? `[${key}]` : `.${key}`;
    at = (at as Record<string, unknown> | undefined)?.[key];
  }
  return path;
}
