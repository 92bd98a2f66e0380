/** Which recipes have a label of their own: a hundred, those that came first. */

/** What stands for all others. */
export const OTHER = '_other';

const MOST = 100;

export class Recipes {
  readonly #known = new Set<string>();

  labelOf(recipe: string): string {
    if (this.#known.has(recipe)) return recipe;
    if (this.#known.size >= MOST) return OTHER;
    this.#known.add(recipe);
    return recipe;
  }
}
