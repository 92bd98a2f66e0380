/** What a model is told of a result. */

/** Characters. */
const MOST_TOLD = 32 * 1024;

/** A large result is given as the beginning of its text, and the model is told so. */
export function cutForModel(result: unknown): Record<string, unknown> {
  const text = typeof result === 'string' ? result : (JSON.stringify(result) ?? 'null');
  if (text.length <= MOST_TOLD) return { result };
  return { result: text.slice(0, MOST_TOLD).toWellFormed(), result_cut: `${text.length - MOST_TOLD} more characters` };
}
