/** "Did you mean", for whoever must say so at once. */
import { distance } from 'fastest-levenshtein';

/** The known word that is nearest to what was given; undefined when none is near. */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  const within = Math.max(2, Math.floor(word.length / 3));
  const [near] = known
    .map((name) => ({ name, far: name.startsWith(word) ? 1 : distance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ far }) => far <= within)
    .sort((a, b) => a.far - b.far);
  return near?.name;
}
