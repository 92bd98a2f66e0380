/** Checks of what users give, the same wherever they give it. */
import { InvalidArgumentError, invalid } from '../errors/argument.ts';

/** A key of a step, a request or a child. `InvalidArgumentError` names the option. */
export function checkKey(option: string, key: unknown): string {
  if (typeof key === 'string' && key.length > 0 && key.length <= 200) return key;
  throw invalid(option, key, 'a text of 1 to 200 characters');
}

/** Refuses what is no option. `of` is the option that they are parts of. */
export function checkKeys(options: object, keys: object, of?: string): void {
  for (const key in options) {
    if (!Object.hasOwn(keys, key) && (options as Record<string, unknown>)[key] !== undefined) {
      const option = of === undefined ? key : `${of}.${key}`;
      throw new InvalidArgumentError(`unknown option '${option}'; known are ${Object.keys(keys).join(', ')}`, {
        option,
      });
    }
  }
}

/** Refuses what is no object, and what is no option. */
export function checkObject(option: string, options: unknown, keys: object): void {
  if (typeof options !== 'object' || options === null) throw invalid(option, options, 'an object');
  checkKeys(options, keys);
}
