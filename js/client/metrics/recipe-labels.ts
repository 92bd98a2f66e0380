/** Which recipes have a label of their own: a hundred, those whose tasks ended first. */

/** What stands for all others. */
export const OTHER = '_other';

const MOST = 100;

/**
 * The store tells in which order recipes have come to their first end: every process says the same of those. What is seen here before
 * its first end has a label while there is room.
 */
export class Recipes {
  readonly #ended = new Set<string>();
  readonly #begun = new Set<string>();

  /** A task of it has ended; told in the order of the store, again and again. */
  end(recipe: string): void {
    if (this.#ended.size >= MOST) return;
    this.#ended.add(recipe);
    this.#begun.delete(recipe);
  }

  labelOf(recipe: string): string {
    if (this.#ended.has(recipe)) return recipe;
    const room = MOST - this.#ended.size;
    if (this.#begun.size < room) this.#begun.add(recipe);
    return room > 0 && [...this.#begun].slice(0, room).includes(recipe) ? recipe : OTHER;
  }
}
