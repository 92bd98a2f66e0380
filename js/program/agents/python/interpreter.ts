/** Which Python a recipe's functions run in: settled at the submit. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentsConfig } from '../../../wire/config.ts';
import type { Environment } from '../../../wire/globals.ts';

/** The configuration's, else that of the recipe's own `.venv`, of `VIRTUAL_ENV`, else `python3` on the `PATH`. */
export function interpreterFor(root: string, env: Environment, { python }: AgentsConfig): string {
  if (python !== undefined) return python;
  const places = [join(root, '.venv'), ...(env.VIRTUAL_ENV ? [env.VIRTUAL_ENV] : [])];
  return places.map((place) => join(place, 'bin', 'python')).find((file) => existsSync(file)) ?? 'python3';
}
