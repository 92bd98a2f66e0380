/** What a model is told of a result. */
import { beginning } from './cut-words.ts';

/** Characters. */
const MOST_TOLD = 32 * 1024;

/** A large result is given as the beginning of its text, and the model is told so. */
export function cutForModel(whole: unknown): Record<string, unknown> {
  const text = typeof whole === 'string' ? whole : (JSON.stringify(whole) ?? 'null');
  if (text.length <= MOST_TOLD) return { result: whole };
  const result = beginning(text, MOST_TOLD).toWellFormed();
  return { result, result_cut: `${text.length - result.length} more characters` };
}
