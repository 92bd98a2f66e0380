/** Packages of the user's project: what an agent of a framework needs to go on, from the very copy that made it. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MissingDependencyError } from '../errors/refusal.ts';
import { isObject } from '../wire/check.ts';

/** Imports a package as modules in the working folder would. `MissingDependencyError` when it is not there. */
export async function importOfUser(name: string): Promise<Record<string, unknown>> {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    const root = join(folder, 'node_modules', name);
    if (existsSync(join(root, 'package.json'))) return import(pathToFileURL(entryOf(root)).href);
    if (folder === dirname(folder)) break;
  }
  throw new MissingDependencyError('this agent', name, `it is not installed where ${process.cwd()} finds it`);
}

/** Of its `exports`, else its `module` or `main`. */
function entryOf(root: string): string {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  const { exports, module, main } = manifest;
  const own = isObject(exports) && '.' in exports ? exports['.'] : exports;
  return resolve(root, targetOf(own) ?? String(module ?? main ?? 'index.js'));
}

const CONDITIONS = ['node', 'import', 'module-sync', 'default'];

function targetOf(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (Array.isArray(target)) return target.map(targetOf).find((found) => found !== undefined);
  if (!isObject(target)) return undefined;
  const [, found] = Object.entries(target).find(([condition]) => CONDITIONS.includes(condition)) ?? [];
  return targetOf(found);
}
