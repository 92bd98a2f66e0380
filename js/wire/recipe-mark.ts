/** What tells a recipe of `defineRecipe` and `defineAgent` from an object that has a name and can be run, too. */

const MARK: unique symbol = Symbol.for('offstage.recipe');

/** Marks it; nobody sees that. */
export const markRecipe = <R extends object>(recipe: R): R => Object.defineProperty(recipe, MARK, { value: true });

export const isMarkedRecipe = (value: unknown): boolean => typeof value === 'object' && value !== null && MARK in value;
