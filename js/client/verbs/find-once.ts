/** Recipes that many submit at a time are looked for together. */
import type { RecipeFolder } from '../../recipe/index.ts';
import { OneLook } from '../../store/turn.ts';
import type { VerbContext } from '../verb-context.ts';

/**
 * What `find` finds for that name, by one look for all who submit it in one turn: after each of them has asked. Nobody may change
 * what is answered.
 */
export function findOnce(context: VerbContext, name: string, find: () => Promise<RecipeFolder>): Promise<RecipeFolder> {
  const looks = known.get(context) ?? new OneLook<string, RecipeFolder>();
  known.set(context, looks);
  return looks.ask(name, find);
}

const known = new WeakMap<VerbContext, OneLook<string, RecipeFolder>>();
