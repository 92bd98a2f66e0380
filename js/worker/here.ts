/** Which folder a worker runs a task's recipe from. */
import { findRecipe, holdsRecipe, type RecipeSearch, type RecipeSource, sourceOf } from '../recipe/index.ts';
import { thisPlace } from '../store/place.ts';
import { NotBegunError } from './not-begun.ts';

/** The recipe's folder is not here: the claim is given back, and this worker leaves the task alone for a while. */
export class NotHereError extends NotBegunError {}

/**
 * The stored folder, if it is of this place and still holds the recipe, else the one that this worker's own roots hold under
 * that name. What reaches the recipe of the submitter's environment stays as it was stored. `NotHereError` for neither.
 */
export async function sourceHere(
  recipe: string,
  source: RecipeSource,
  search: RecipeSearch | undefined,
): Promise<RecipeSource> {
  const isOurs = source.place === undefined || source.place === thisPlace();
  if (isOurs && (await holdsRecipe(source.root, recipe))) return source;
  const found = search === undefined ? undefined : await findRecipe(recipe, search).catch(unlessMissing);
  if (found !== undefined) {
    const { entry: _, command: __, ...bound } = source;
    const { digest, needs, inherit_env } = source;
    return { ...bound, ...sourceOf(found), digest, needs, inherit_env };
  }
  const why = isOurs ? `${source.root} does not hold it any more` : `${source.root} is a folder of another place`;
  throw new NotHereError(
    `recipe '${recipe}' is not here: ${why}, and no recipe of that name is beside this worker's store`,
  );
}

function unlessMissing(error: unknown): undefined {
  if ((error as { code?: unknown }).code === 'recipe_not_found') return undefined;
  throw error;
}

/** How long a worker leaves a task alone whose recipe it did not find, in milliseconds. */
const LEAVE_ALONE = 30_000;

/** The tasks that a worker has given back and does not try again yet. */
export class LeftAlone {
  readonly #until = new Map<string, number>();
  readonly #mono: () => number;

  constructor(mono: () => number) {
    this.#mono = mono;
  }

  add(id: string): void {
    this.#until.set(id, this.#mono() + LEAVE_ALONE);
  }

  ids(): string[] {
    for (const [id, until] of this.#until) if (until <= this.#mono()) this.#until.delete(id);
    return [...this.#until.keys()];
  }
}
