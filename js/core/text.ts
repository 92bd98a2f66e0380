import { InvalidArgumentError, invalid } from '../errors/argument.ts';

/**
 * JSON text of an argument. JSON would turn `NaN` and infinity into null, which means "not given": they are refused
 * instead, except where the core takes them itself (`fraction`). User values inside are JSON as `JSON.stringify` makes it.
 */
export function text(argument: string, object: object): string {
  refuseNonFinite('', object);
  try {
    const json = JSON.stringify(object);
    // Half a surrogate pair, as cutting a text leaves it, is no text for Rust: it becomes U+FFFD.
    return json.includes('\\ud') ? JSON.stringify(halves(object)) : json;
  } catch (error) {
    throw new InvalidArgumentError(`${argument}: cannot be JSON: ${(error as Error).message}`, { option: argument });
  }
}

/** What of a command is JSON for Rust as well, which it passes on as it is. */
const VALUES = ['chunk', 'content', 'data', 'schema'];

const halves = (object: object): object =>
  Object.fromEntries(
    Object.entries(object).map(([key, value]) => [
      key,
      VALUES.includes(key) || value === undefined ? value : JSON.parse(JSON.stringify(value, wellFormed)),
    ]),
  );

const wellFormed = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? value.toWellFormed() : value;

function refuseNonFinite(path: string, object: object): void {
  for (const [key, value] of Object.entries(object)) {
    if (typeof value === 'number' && !Number.isFinite(value) && key !== 'fraction') {
      throw invalid(path + key, value, 'a finite number');
    }
    if (key === 'backoff' && typeof value === 'object' && value !== null) refuseNonFinite('backoff.', value);
  }
}
