/** Packages that only some tests need, installed once into a cache outside the checkout. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The folder whose `node_modules` has them; no install script is run. Two at once may both install; the first one stays. */
export function cached(name: string, wanted: readonly string[]): string {
  const { OFFSTAGE_CACHE, XDG_CACHE_HOME } = process.env;
  const cache = OFFSTAGE_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'offstage');
  const key = createHash('sha256').update(wanted.join()).digest('hex').slice(0, 12);
  const folder = join(cache, `${name}-${key}`);
  if (!existsSync(folder)) install(cache, folder, name, wanted);
  return folder;
}

function install(cache: string, folder: string, name: string, wanted: readonly string[]): void {
  mkdirSync(cache, { recursive: true });
  const next = mkdtempSync(join(cache, `${name}-next-`));
  writeFileSync(join(next, 'package.json'), '{"private":true}');
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', ['install', ...quiet, ...wanted], { cwd: next, stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    renameSync(next, folder);
  } catch (error) {
    rmSync(next, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}
