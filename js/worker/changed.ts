/** Tasks that are held since their code has changed: whether it has changed again, and will do. */
import type { Recipe } from '../ports/recipe.ts';
import { codeOf, type RecipeSearch } from '../recipe/index.ts';
import type { Store } from '../store/types.ts';
import { codeIn } from './code.ts';
import { type LeftAlone, sourceHere } from './here.ts';
import { recordOf } from './source.ts';
import { type FoundCode, isKnown, type KnownCode, tellFound } from './which-code.ts';

export interface Looking {
  store: Store;
  worker: string;
  /** Those in code that the worker has. */
  recipes: readonly Recipe[];
  /** Where it looks for recipes whose stored folder is not here. */
  search: RecipeSearch | undefined;
  /** What it has held itself: with other code than that it is tried again, but not at once. */
  alone: LeftAlone;
}

/** Tells each of them what its code is here now. Answers whether one of them may be claimed again. */
export async function lookAtChanged(looking: Looking): Promise<boolean> {
  const { store, worker, alone } = looking;
  let some = false;
  for (const { id, record } of await store.run('changedCode', { worker })) {
    const task = recordOf({ record }) as ReturnType<typeof recordOf> & { held?: KnownCode };
    const found = await foundFor(task, looking);
    if (found === undefined || task.held === undefined) continue;
    const own = found.serves || found.version === task.version;
    if (!own && (isKnown(task.held, found) || alone.has(id))) continue;
    alone.remove(id);
    some = (await tellFound(store, id, found)) || some;
  }
  return some;
}

/** Undefined when it cannot be said now. */
async function foundFor(task: ReturnType<typeof recordOf>, looking: Looking): Promise<FoundCode | undefined> {
  const recipe = looking.recipes.find(({ name }) => name === task.recipe);
  if (!task.source) return recipe && codeIn(recipe, task);
  const source = await sourceHere(task.recipe, task.source, looking.search).catch(() => undefined);
  const code = source && (await codeOf(source));
  return code?.version === undefined ? undefined : { version: code.version, digest: code.digest };
}
