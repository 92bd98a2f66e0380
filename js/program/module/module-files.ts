/** What a module recipe's folder may call its module; the first that is there is meant. */
export const MODULE_FILES: readonly string[] = ['recipe.mjs', 'recipe.js', 'recipe.ts'];
