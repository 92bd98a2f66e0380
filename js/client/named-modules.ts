/** Modules that the configuration names: this process runs them, so they have to count as its folders do. */
import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InvalidArgumentError, RecipePolicyError } from '../errors/index.ts';
import { distrust } from '../platform/trust.ts';

/**
 * The default export of the module at that path; `key` of the configuration names it. `RecipePolicyError` when others could
 * have written it, `InvalidArgumentError` when it is not there, cannot be loaded or exports nothing.
 */
export async function defaultOf(key: string, path: string): Promise<unknown> {
  const file = countedFile(key, path);
  const loaded = await load(key, file);
  if (loaded.default === undefined) throw new InvalidArgumentError(`${key}: ${file} has no default export`);
  return loaded.default;
}

/** By its real path, so that no link lends another folder's trust. */
function countedFile(key: string, path: string): string {
  const file = realOf(key, path);
  for (const one of [dirname(file), file]) {
    const reason = distrust(one);
    if (reason === undefined) continue;
    const message = `refused: the configuration names ${file} (${key}), but ${reason}`;
    throw new RecipePolicyError(message, { details: { path: file, reason } });
  }
  return file;
}

function realOf(key: string, path: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    throw new InvalidArgumentError(`${key}: no module at ${path}`, { cause });
  }
}

async function load(key: string, file: string): Promise<{ default?: unknown }> {
  try {
    return await import(pathToFileURL(file).href);
  } catch (cause) {
    throw new InvalidArgumentError(`${key}: ${file} cannot be loaded: ${(cause as Error).message}`, { cause });
  }
}
