/**
 * "Did you mean". The distance is our own: a package would be loaded with every file that checks options, and one that is loaded
 * late cannot answer at once.
 */

/** The known word that is nearest to what was given; undefined when none is near. */
export const nearestOf = (word: string, known: Iterable<string>): string | undefined => nearest(word, known, 1)[0];

/** What is said behind a word that is not known. */
export function hintFor(word: string, known: readonly string[]): string {
  const near = nearestOf(word, known);
  return near === undefined ? `known are ${known.join(', ')}` : `did you mean '${near}'?`;
}

/** Those that a person may have meant, `most` at most, nearest first and of equals as they are given. A word that is the beginning of one is near. */
export function nearest(word: string, known: Iterable<string>, most: number): string[] {
  const within = Math.max(2, Math.floor(word.length / 3));
  return [...new Set(known)]
    .map((name) => ({ name, far: name.startsWith(word) ? 1 : distance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ far }) => far <= within)
    .sort((a, b) => a.far - b.far)
    .slice(0, most)
    .map(({ name }) => name);
}

/** How many letters must be put in, left out or changed (Levenshtein 1966), row by row of the table. */
export function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let down = 1; down <= from.length; down++) {
    const next = [down];
    for (let at = 1; at <= to.length; at++) {
      const changed = (row[at - 1] as number) + Number(from[down - 1] !== to[at - 1]);
      next[at] = Math.min(changed, (row[at] as number) + 1, (next[at - 1] as number) + 1);
    }
    row = next;
  }
  return row[to.length] as number;
}
