/** The compilers that the public types are checked with, installed once into a cache outside the checkout. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The oldest that is promised, those that many have, and the newest. */
export const COMPILERS = ['5.2', '5.4', '5.9', '6', '7'] as const;
export type Compiler = (typeof COMPILERS)[number];

/** Whose types of Node a program may have. */
export const NODE_TYPES = ['20', '24'] as const;

const WANTED = [
  ...COMPILERS.map((version) => `typescript-${version}@npm:typescript@${version}`),
  ...NODE_TYPES.map((version) => `node-types-${version}@npm:@types/node@${version}`),
];

/** The folder whose `node_modules` has them. Two at once may both install; the first one stays. */
export function compilers(): string {
  const { OFFSTAGE_CACHE, XDG_CACHE_HOME } = process.env;
  const cache = OFFSTAGE_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'offstage');
  const key = createHash('sha256').update(WANTED.join()).digest('hex').slice(0, 12);
  const folder = join(cache, `typescript-${key}`);
  if (!existsSync(folder)) install(cache, folder);
  return folder;
}

function install(cache: string, folder: string): void {
  mkdirSync(cache, { recursive: true });
  const next = mkdtempSync(join(cache, 'typescript-next-'));
  writeFileSync(join(next, 'package.json'), '{"private":true}');
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', ['install', ...quiet, ...WANTED], { cwd: next, stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    renameSync(next, folder);
  } catch (error) {
    rmSync(next, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}
