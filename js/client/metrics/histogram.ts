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
  /** By recipe. */
  readonly #counted = new Map<string, Counted>();

  constructor(recipes: Recipes) {
    this.#recipes = recipes;
  }

  add(recipe: string, ms: number): void {
    const seconds = ms / 1000;
    const counted = this.#counted.get(recipe) ?? nothing();
    this.#counted.set(recipe, counted);
    BUCKETS.forEach((most, index) => {
      if (seconds <= most) counted.buckets[index] = (counted.buckets[index] ?? 0) + 1;
    });
    counted.sum += seconds;
  }

  samples(): Sample[] {
    return [...this.#together()].flatMap(([recipe, { buckets, sum }]) => [
      ...BUCKETS.map((most, index) => ({
        suffix: '_bucket',
        labels: { recipe, le: most === Number.POSITIVE_INFINITY ? '+Inf' : String(most) },
        value: buckets[index] ?? 0,
      })),
      { suffix: '_sum', labels: { recipe }, value: sum },
      { suffix: '_count', labels: { recipe }, value: buckets.at(-1) ?? 0 },
    ]);
  }

  /** By label: what one is for may change until its recipe has come to its first end. */
  #together(): Map<string, Counted> {
    const all = new Map<string, Counted>();
    for (const [recipe, { buckets, sum }] of this.#counted) {
      const label = this.#recipes.labelOf(recipe);
      const { buckets: before, sum: sumBefore } = all.get(label) ?? nothing();
      all.set(label, { buckets: buckets.map((n, index) => n + (before[index] ?? 0)), sum: sum + sumBefore });
    }
    return all;
  }
}

const nothing = (): Counted => ({ buckets: BUCKETS.map(() => 0), sum: 0 });
