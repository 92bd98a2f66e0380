import { InvalidArgumentError, invalid } from '../errors/index.ts';

/**
 * JSON text of an argument. JSON would turn `NaN` and infinity into null, which means "not given": they are refused
 * instead, except where the core takes them itself (`fraction`). User values inside are JSON as `JSON.stringify` makes it.
 */
export function text(argument: string, object: object): string {
  refuseNonFinite(argument, object);
  try {
    return JSON.stringify(object);
  } catch (error) {
    throw new InvalidArgumentError(`${argument}: cannot be JSON: ${(error as Error).message}`, { option: argument });
  }
}

function refuseNonFinite(argument: string, object: object): void {
  for (const [key, value] of Object.entries(object)) {
    if (typeof value === 'number' && !Number.isFinite(value) && key !== 'fraction') {
      throw invalid(`${argument}.${key}`, value, 'a finite number');
    }
    if (key === 'backoff' && typeof value === 'object' && value !== null) refuseNonFinite(`${argument}.backoff`, value);
  }
}
