import { needGroups } from '../../platform/groups.ts';
import { thisPlace } from '../../platform/place.ts';
import type { RecipeSource } from '../../recipe/index.ts';
import type { StoredTask } from '../../store/types.ts';
import type { Submitted } from '../../wire/answers.ts';
import { isTerminal } from '../../wire/task.ts';
import { ownBinding } from '../staff/environment.ts';
import { afterStored, provideFor, rowToStart, tellUnserved } from '../staff/workers.ts';
import type { VerbContext } from '../verb-context.ts';
import { storedJson } from './stored-json.ts';

/**
 * Submits a task that has ended once more, with the values of this process if it has all that it needs; the new one says so
 * by `retried_from`. One that waits for values which nobody has is given those of this process.
 */
export async function retry(context: VerbContext, id: string): Promise<Submitted> {
  await context.due();
  // before anything is made: an unknown task is refused without a store
  const old = await context.run('get', { id, payloads: [] });
  if (old === null) throw context.notFound(id);
  if (sourceIn(old.record).source) needGroups('a task of a recipe that is a folder, or of a command,');
  const by = await ownBinding(context);
  const start = await rowToStart(context, by);
  const { task, spawn } = await context.run('retry', { id, start, by, ...(await sourceAnew(context, old)) });
  const json = storedJson(task);
  await afterStored(context, [json], spawn ? start : null);
  if (start === null) await tellUnserved(context, [json]);
  if (task.missing.length > 0 && !spawn) await provideFor(context, [json]);
  return json;
}

/** The folder is looked for anew where it does not hold the recipe any more, or is that of another place. */
async function sourceAnew(context: VerbContext, { record, status }: StoredTask): Promise<{ source?: RecipeSource }> {
  const { recipe, source } = sourceIn(record);
  if (!source || source.ad_hoc || !isTerminal(status)) return {};
  const { findRecipe, holdsRecipe, sourceOf } = await import('../../recipe/index.ts');
  const isHere = source.place === undefined || source.place === thisPlace();
  if (isHere && (await holdsRecipe(source.root, recipe))) return {};
  const found = await findRecipe(recipe, context.search());
  const { needs, inherit_env, settled } = source;
  const kept = { needs, inherit_env, ...(settled === undefined ? {} : { settled }) };
  return { source: { ...sourceOf(found), ...kept } };
}

function sourceIn(record: string): { recipe: string; source?: RecipeSource | null } {
  try {
    return JSON.parse(record);
  } catch {
    return { recipe: '' }; // the store says that it is damaged
  }
}
