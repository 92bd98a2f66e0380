import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type RecipeProblem, RecipeValidationError } from '../errors/recipe.ts';

/**
 * The value as the schema returns it; without a schema the value itself. `RecipeValidationError` names the path of what
 * does not fit (`input.path`, `output.rows[0]`).
 */
export async function checked(
  schema: StandardSchemaV1 | undefined,
  what: 'input' | 'output',
  recipe: string,
  value: unknown,
): Promise<unknown> {
  if (schema === undefined) return value;
  const result = await schema['~standard'].validate(value);
  if (result.issues === undefined) return result.value;
  throw new RecipeValidationError(
    recipe,
    result.issues.map((issue) => problem(what, issue)),
    what,
  );
}

/** All of it, for people and models. */
export const problemText = (what: string, issues: readonly StandardSchemaV1.Issue[]): string =>
  issues
    .map((issue) => problem(what, issue))
    .map(({ path, message }) => `${path}: ${message}`)
    .join('; ');

function problem(what: string, { path = [], message }: StandardSchemaV1.Issue): RecipeProblem {
  const keys = path.map((part) => (typeof part === 'object' ? part.key : part));
  return { path: keys.reduce<string>((text, key) => text + segment(key), what), message };
}

function segment(key: PropertyKey): string {
  return typeof key === 'number' ? `[${key}]` : `.${String(key)}`;
}
