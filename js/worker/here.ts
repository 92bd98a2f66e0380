/** Which folder a worker runs a task's recipe from. */

import { thisPlace } from '../platform/place.ts';
import {
  findRecipe,
  holdsRecipe,
  type RecipeSearch,
  type RecipeSource,
  sourceOf,
  withoutProgram,
} from '../recipe/index.ts';
import { NotBegunError } from './not-begun.ts';

/** The recipe's folder is not here: the claim is given back, and this worker leaves the task alone for a while. */
export class NotHereError extends NotBegunError {}

/** Whether the stored folder is of this machine. */
export const isHere = ({ place }: Pick<RecipeSource, 'place'>): boolean => place === undefined || place === thisPlace();

/**
 * The stored folder, if that of a command or it is of this place and still holds the recipe, else the one that this worker's own roots hold under
 * that name. What reaches the recipe of the submitter's environment stays as it was stored. `NotHereError` for neither.
 */
export async function sourceHere(
  recipe: string,
  source: RecipeSource,
  search: RecipeSearch | undefined,
): Promise<RecipeSource> {
  const isOurs = isHere(source);
  if (source.ad_hoc) {
    if (isOurs) return source;
    throw new NotHereError(`the command is to run in a folder of another place: ${source.root}`);
  }
  if (isOurs && (await holdsRecipe(source.root, recipe))) return source;
  const found = search === undefined ? undefined : await findRecipe(recipe, search).catch(unlessMissing);
  if (found !== undefined) {
    const { needs, inherit_env } = source;
    return { ...withoutProgram(source), ...sourceOf(found), needs, inherit_env };
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

/** How long a worker leaves a task alone whose recipe it did not find, or not as the task needs it, in milliseconds. */
const LEAVE_ALONE = 30_000;

/** So many held tasks are remembered. */
const MOST_REMEMBERED = 10_000;

/** The tasks that a worker has given back and does not try again yet. */
export class LeftAlone {
  readonly #until = new Map<string, number>();
  readonly #once = new Set<string>();
  readonly #mono: () => number;

  constructor(mono: () => number) {
    this.#mono = mono;
  }

  add(id: string): void {
    this.#until.set(id, this.#mono() + LEAVE_ALONE);
  }

  /**
   * Of a task that is held, which nobody claims: only when it was let go since by another worker, for its own code, and this
   * one was faster. So that who has the code gets it.
   */
  addAgain(id: string): void {
    if (this.#once.has(id)) this.add(id);
    if (this.#once.size >= MOST_REMEMBERED) this.#once.clear();
    this.#once.add(id);
  }

  remove(id: string): void {
    this.#until.delete(id);
  }

  has(id: string): boolean {
    return this.ids().includes(id);
  }

  ids(): string[] {
    for (const [id, until] of this.#until) if (until <= this.#mono()) this.#until.delete(id);
    return [...this.#until.keys()];
  }
}
