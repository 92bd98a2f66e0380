/** Why an error came about, as far as its details say. */

/** One error behind another; `depth` is how many are before it. */
export interface Cause {
  depth: number;
  name: string;
  message: string;
  code: string | number | undefined;
}

/** The causes in `details`, each followed by its own; of an error that gathers several (`errors`) each of those. */
export function causes(details: unknown, depth = 1): Cause[] {
  const { cause, errors } = (details ?? {}) as { cause?: unknown; errors?: unknown };
  const behind = [...(cause === undefined ? [] : [cause]), ...(Array.isArray(errors) ? errors : [])];
  return behind.flatMap((one) => (isError(one) ? [told(one, depth), ...causes(one, depth + 1)] : []));
}

interface Stored {
  name?: unknown;
  message?: unknown;
  code?: unknown;
}

/** Details may be anything that somebody stored. */
const isError = (value: unknown): value is Stored =>
  typeof value === 'object' && value !== null && typeof (value as Stored).message === 'string';

function told({ name, message, code }: Stored, depth: number): Cause {
  return {
    depth,
    name: typeof name === 'string' ? name : 'Error',
    message: String(message),
    code: typeof code === 'string' || typeof code === 'number' ? code : undefined,
  };
}
