/** Checks of what users give, the same wherever they give it. */
import { InvalidArgumentError, invalid } from '../errors/argument.ts';
import { nearestOf } from './nearest.ts';
import { isText } from './text.ts';

/** A key of a step, a request or a child. `InvalidArgumentError` names the option. */
export function checkKey(option: string, key: unknown): string {
  checkWhole(option, key);
  if (typeof key === 'string' && key.length > 0 && key.length <= 200) return key;
  throw invalid(option, key, 'a text of 1 to 200 characters');
}

/** Refuses names, keys and ids that could not be stored as they are; what is no text is for others to refuse. */
export function checkWhole(option: string, text: unknown): void {
  if (typeof text === 'string' && !isText(text)) {
    throw invalid(option, text, 'a text without NUL or half a surrogate pair');
  }
}

/** A task's id; one that no task has is for the store to refuse. */
export function checkId(id: unknown): string {
  if (typeof id === 'string') return id;
  throw invalid('id', id, "a task's id");
}

/** A whole number from `least`, to `most` where there is one. */
export function checkNumber(option: string, value: unknown, least: number, most?: number): number {
  if (
    Number.isSafeInteger(value) &&
    (value as number) >= least &&
    (value as number) <= (most ?? Number.MAX_SAFE_INTEGER)
  ) {
    return value as number;
  }
  throw invalid(option, value, `a whole number from ${least}${most === undefined ? '' : ` to ${most}`}`);
}

/** Refuses what is no option, with the nearest one that is. `of` is the option that they are parts of. */
export function checkKeys(options: object, keys: object, of?: string): void {
  for (const key in options) {
    if (!Object.hasOwn(keys, key) && (options as Record<string, unknown>)[key] !== undefined) {
      throw unknownOption(key, Object.keys(keys), of);
    }
  }
}

function unknownOption(key: string, known: readonly string[], of: string | undefined): InvalidArgumentError {
  const option = of === undefined ? key : `${of}.${key}`;
  const near = nearestOf(key, known);
  const hint = near === undefined ? 'known' : `did you mean '${near}'? Known`;
  return new InvalidArgumentError(`unknown option '${option}'; ${hint} are ${known.join(', ')}`, {
    option,
    ...(near === undefined ? {} : { nearest: near }),
  });
}

/** Refuses what is no object, and what is no option. */
export function checkObject(option: string, options: unknown, keys: object, of?: string): void {
  if (typeof options !== 'object' || options === null) throw invalid(option, options, 'an object');
  checkKeys(options, keys, of);
}

/** Refuses arguments behind those that a method takes: whoever gives them thinks that they count. */
export function checkNoMore(method: string, rest: readonly unknown[]): void {
  const more = rest.find((argument) => argument !== undefined);
  if (more !== undefined) throw invalid(`${method}, another argument`, more, 'nothing');
}

/** An object that is no list. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
