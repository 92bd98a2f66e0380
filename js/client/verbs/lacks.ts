/** Why nobody runs a task: what `no_worker` means for this one, and what would help. */
import { existsSync } from 'node:fs';
import type { RecipeSource } from '../../recipe/index.ts';
import { thisPlace } from '../../store/place.ts';
import type { VerbContext } from '../verb-context.ts';

/** What a pending task lacks, as far as this process can see. */
export interface Lacks {
  /** A recipe in code: only the app that has it can run the task. */
  app: string | null;
  /** Names of required environment variables that are not set here: a worker started here would not have them. */
  env: readonly string[];
  /** The folder of the recipe, or of the command, where that is not here: gone, or of another place that no living worker is of. */
  folder: string | null;
}

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
