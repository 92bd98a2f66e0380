/** Standard Schemas by hand. */
import type { StandardSchemaV1 } from '@standard-schema/spec';

/** A schema out of one function. */
export function schema<I, O>(
  validate: (value: I) => StandardSchemaV1.Result<O> | Promise<StandardSchemaV1.Result<O>>,
): StandardSchemaV1<I, O> {
  return { '~standard': { version: 1, vendor: 'tests', validate: (value) => validate(value as I) } };
}

export const number = schema<number, number>((value) =>
  typeof value === 'number' ? { value } : { issues: [{ message: 'no number' }] },
);
