/** "Did you mean": loaded only when something is wrong. */
import { closest, distance } from 'fastest-levenshtein';

/** The nearest of the known words as the end of a sentence, or nothing when none is near. */
export function suggestion(word: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const near = closest(word, known);
  const most = Math.max(2, Math.floor(word.length / 3));
  return distance(word, near) <= most ? `; did you mean ${near}?` : '';
}
