/** The values that a task is bound to, as its row has them. */
import type { EnvValue } from '../types.ts';

/** The text of the column `bound`. */
export const boundText = (values: readonly EnvValue[]): string | null =>
  values.length === 0 ? null : JSON.stringify(values);

/** The values of the column `bound`. */
export const boundOf = (text: string | null): EnvValue[] => (text === null ? [] : JSON.parse(text));
