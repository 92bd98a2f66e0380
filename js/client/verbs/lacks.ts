/** Why nobody runs a task: what `no_worker` means for this one, and what would help. */
import { existsSync } from 'node:fs';
import { thisPlace } from '../../platform/place.ts';
import type { RecipeSource } from '../../recipe/index.ts';
import type { Lacks } from '../../wire/answers.ts';
import type { VerbContext } from '../verb-context.ts';

const NOTHING: Lacks = { app: null, env: [], folder: null };

export async function lacks(context: VerbContext, id: string): Promise<Lacks> {
  const stored = await context.run('get', { id, payloads: [] });
  if (stored === null) throw context.notFound(id);
  const record = recordOf(stored.record);
  if (stored.status !== 'pending' || record === undefined) return NOTHING;
  const { recipe, source } = record;
  if (source == null) return stored.runnable ? NOTHING : { ...NOTHING, app: recipe };
  const folder = isHere(source) ? null : source.root;
  if (stored.runnable) return { ...NOTHING, folder: source.place === thisPlace() ? folder : null };
  return { app: null, env: source.needs.filter((name) => context.env[name] === undefined), folder };
}

const isHere = ({ root, place = thisPlace() }: RecipeSource): boolean => place === thisPlace() && existsSync(root);

function recordOf(record: string): { recipe: string; source?: RecipeSource | null } | undefined {
  try {
    return JSON.parse(record);
  } catch {
    return undefined; // a damaged record says nothing
  }
}
