/** Why nobody runs a task: what `no_worker` means for this one, and what would help. */
import { existsSync } from 'node:fs';
import type { RecipeSource } from '../recipe/index.ts';
import type { Context } from './context.ts';

/** What a task that no living worker can run lacks, as far as this process can see. */
export interface Lacks {
  /** A recipe in code: only the app that has it can run the task. */
  app: string | null;
  /** Names of required environment variables that are not set here: a worker started here would not have them. */
  env: readonly string[];
  /** The recipe's folder, where it is not here (any more). */
  folder: string | null;
}

const NOTHING: Lacks = { app: null, env: [], folder: null };

export async function lacks(context: Context, id: string): Promise<Lacks> {
  const stored = await context.run('get', { id, payloads: [] });
  if (stored === null) throw context.notFound(id);
  const record = recordOf(stored.record);
  if (stored.status !== 'pending' || stored.runnable || record === undefined) return NOTHING;
  const { recipe, source } = record;
  if (source == null) return { ...NOTHING, app: recipe };
  return {
    app: null,
    env: source.needs.filter((name) => context.env[name] === undefined),
    folder: existsSync(source.root) ? null : source.root,
  };
}

function recordOf(record: string): { recipe: string; source?: RecipeSource | null } | undefined {
  try {
    return JSON.parse(record);
  } catch {
    return undefined; // a damaged record says nothing
  }
}
