/** Errors out of what was stored of them; of what class they were is lost. */

/** An error as `thrownJson` describes it. */
export interface DescribedError {
  name: string;
  message: string;
  details?: unknown;
}

interface Described {
  stack?: unknown;
  code?: unknown;
  cause?: unknown;
  errors?: unknown;
}

/** An error with the name, message, code, stack and causes of the one that was thrown. */
export function rebuilt({ name, message, details }: DescribedError): Error {
  return remade(name, message, (details ?? {}) as Described);
}

function remade(name: string, message: string, { stack, code, cause, errors }: Described): Error {
  const behind = isDescribed(cause) ? { cause: ofCause(cause) } : {};
  const error = new Error(message, behind);
  return Object.assign(
    error,
    { name },
    typeof stack === 'string' ? { stack } : {},
    typeof code === 'string' || typeof code === 'number' ? { code } : {},
    Array.isArray(errors) ? { errors: errors.filter(isDescribed).map(ofCause) } : {},
  );
}

/** A cause holds its details itself. */
const ofCause = (cause: Cause): Error => remade(cause.name, cause.message, cause);

type Cause = Described & { name: string; message: string };

/** What is stored may be of anybody's making. */
const isDescribed = (value: unknown): value is Cause =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Cause).name === 'string' &&
  typeof (value as Cause).message === 'string';
