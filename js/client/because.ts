import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { upward } from '../platform/upward.ts';
import { namedStore } from '../store/locate.ts';
import type { ClientOptions, VerbContext } from './verb-context.ts';

/** Why it is this store and no other. */
export type Because = 'option' | 'environment' | 'configuration' | 'nearest_store' | 'nearest_package' | 'home';

export function becauseOf(
  { path, config }: VerbContext,
  { store, cwd = process.cwd(), home = homedir(), env = process.env }: ClientOptions,
): Because {
  if (store !== undefined) return 'option';
  if (namedStore(undefined, env) !== undefined) return 'environment';
  if (config.store !== undefined) return 'configuration';
  const project = dirname(dirname(path));
  if (!upward(cwd, home).includes(project)) return 'home';
  if (existsSync(path)) return 'nearest_store';
  return existsSync(join(project, 'package.json')) ? 'nearest_package' : 'home';
}
