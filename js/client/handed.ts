import { invalid } from '../errors/index.ts';
import { checkKeys } from '../wire/check.ts';

/** Refuses what is no object, and keys that a plain one should not have: an object of a class has its own. */
export function checkHanded(given: unknown, keys: object, of: string, expected: string): asserts given is object {
  if (typeof given !== 'object' || given === null) throw invalid(of, given, expected);
  if (Object.getPrototypeOf(given) === Object.prototype) checkKeys(given, keys, of);
}
