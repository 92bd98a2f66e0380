/** The form of a recipe's name, and of its version. */
import { invalid } from '../errors/index.ts';

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** What to say to somebody whose name does not fit. */
export const NAME_FORM =
  "a recipe's name: 1 to 64 of a-z, 0-9, '.', '_', '-', the first a letter or digit, without '..'";

/** Tells whether a text can be a recipe's name. A name is never a path: `..` and separators do not fit. */
export function isRecipeName(text: string): boolean {
  return NAME.test(text) && !text.includes('..');
}

/** Throws `InvalidArgumentError` for what cannot be a recipe's name. */
export function checkRecipeName(name: unknown): asserts name is string {
  if (typeof name !== 'string' || !isRecipeName(name)) throw invalid('recipe', name, NAME_FORM);
}

/** The version of a recipe that gives itself none. */
export const FIRST_VERSION = '1';

/** What to say to somebody whose version does not fit. */
export const VERSION_FORM = 'a text of 1 to 200 characters';

/** Tells whether a text can be a recipe's version. Versions are compared, never ordered. */
export const isVersion = (text: string): boolean => text.length > 0 && text.length <= 200;
