/** Tasks that tasks submit. What is asked of them is checked by the worker's client, as any submit is. */

import { invalid } from '../../errors/index.ts';
import type { ChildTaskOptions, ChildTaskSpec, Recipe } from '../../ports/recipe.ts';
import { checkKey, checkKeys } from '../../wire/check.ts';
import { LIMITS, serialize } from '../../wire/serialize.ts';
import { TASK_KEYS } from '../../wire/submit-options.ts';
import { ChildHandle, type Parent } from './child-handle.ts';

/** What a submit takes elsewhere and a child's does not, and why. */
const NOT_HERE: Record<string, string> = {
  signal: 'none: a child is cancelled with its parent, or by its handle',
  onComplete: 'none: await the handle of a child',
  onProgress: 'none: a child tells by the events of its handle',
  parent: 'none: the parent is the task that submits',
};

const KEYS: Record<keyof ChildTaskSpec, true> = { recipe: true, ...TASK_KEYS, timeoutSec: true, key: true };

/** Submits a recipe by name, a recipe in code by the name of it, or what a spec says. */
export async function submitChild(
  parent: Parent,
  work: string | Recipe | ChildTaskSpec,
  options?: ChildTaskOptions,
): Promise<ChildHandle> {
  const { recipe, key, ...rest } = specOf(work, options);
  for (const [option, why] of Object.entries(NOT_HERE)) {
    const value = (rest as Record<string, unknown>)[option];
    if (value !== undefined) throw invalid(option, value, why);
  }
  checkKeys(rest, KEYS);
  if (key !== undefined) checkKey('key', key);
  if (key !== undefined && rest.idempotencyKey !== undefined)
    throw invalid('key', key, 'no key beside an idempotencyKey');
  const request = { ...carried(rest), recipe: nameOf(recipe) };
  return new ChildHandle(parent, await parent.call('submit', { request, ...(key === undefined ? {} : { key }) }));
}

function specOf(work: string | Recipe | ChildTaskSpec, options: ChildTaskOptions | undefined): ChildTaskSpec {
  if (options !== undefined && (typeof options !== 'object' || options === null))
    throw invalid('options', options, 'an object');
  if (typeof work === 'string' || isRecipe(work)) return { ...options, recipe: work };
  if (typeof work !== 'object' || work === null) throw invalid('recipe', work, WORK);
  if (options !== undefined) throw invalid('options', options, 'none beside a spec');
  return work;
}

const WORK = "a recipe's name, a recipe, or a spec with a recipe; functions are for a BackgroundRunner";

function nameOf(recipe: unknown): string {
  if (typeof recipe === 'string') return recipe;
  if (isRecipe(recipe)) return recipe.name;
  throw invalid('recipe', recipe, WORK);
}

function isRecipe(value: unknown): value is Recipe {
  if (typeof value !== 'object' || value === null) return false;
  const { name, run } = value as Partial<Recipe>;
  return typeof name === 'string' && typeof run === 'function';
}

/** The options as JSON can carry them; what it would turn into something else is refused here. */
function carried(options: Record<string, unknown>): Record<string, unknown> {
  serialize(options.input, 'input');
  serialize(options.config, 'config');
  serialize(options.metadata, 'metadata', LIMITS.metadata);
  for (const [option, value] of Object.entries(options)) {
    if (typeof value !== 'number' || Number.isFinite(value) || option === 'input') continue;
    if (value !== Number.POSITIVE_INFINITY || !ENDLESS.includes(option))
      throw invalid(option, value, 'a finite number');
  }
  // As null, which JSON makes of it, an endless timeout is none; of a ttl nothing is said.
  return options.ttl === Number.POSITIVE_INFINITY ? { ...options, ttl: undefined } : options;
}

const ENDLESS = ['timeout', 'timeoutSec', 'ttl'];
