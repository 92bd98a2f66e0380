/** Counts of how long things took, by recipe, from when somebody first asked. */
import type { Sample } from './exposition.ts';
import type { Recipes } from './recipe-labels.ts';

/** Upper bounds, in seconds. */
const BUCKETS = [0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 1800, 3600, 21600, Number.POSITIVE_INFINITY];

interface Counted {
  /** By bucket, each with what is in those before. */
  buckets: number[];
  /** Seconds. */
  sum: number;
}

export class Histogram {
  readonly #recipes: Recipes;
  readonly #counted = new Map<string, Counted>();

  constructor(recipes: Recipes) {
    this.#recipes = recipes;
  }

  add(recipe: string, ms: number): void {
    const label = this.#recipes.labelOf(recipe);
    const seconds = ms / 1000;
    const counted = this.#counted.get(label) ?? { buckets: BUCKETS.map(() => 0), sum: 0 };
    this.#counted.set(label, counted);
    BUCKETS.forEach((most, index) => {
      if (seconds <= most) counted.buckets[index] = (counted.buckets[index] ?? 0) + 1;
    });
    counted.sum += seconds;
  }

  samples(): Sample[] {
    return [...this.#counted].flatMap(([recipe, { buckets, sum }]) => [
      ...BUCKETS.map((most, index) => ({
        suffix: '_bucket',
        labels: { recipe, le: most === Number.POSITIVE_INFINITY ? '+Inf' : String(most) },
        value: buckets[index] ?? 0,
      })),
      { suffix: '_sum', labels: { recipe }, value: sum },
      { suffix: '_count', labels: { recipe }, value: buckets.at(-1) ?? 0 },
    ]);
  }
}
