/** How a process is started, before any code of a recipe is in it: what can only be said then. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { NoSecrets } from './binding.ts';
import { isReadAtStart } from './names.ts';
import { isThere, joinOptions, sortOptions, splitOptions } from './node-options.ts';

export interface Start {
  /** Equal for processes that are the same until a recipe is loaded. */
  id: string;
  /** The program. */
  node: string;
  env: Record<string, string>;
}

/** What a start depends on. */
export interface StartOptions {
  node: string;
  /** What is no secret. */
  base: Readonly<Record<string, string>>;
  /** Options for loading. */
  loading: readonly string[];
  /** All other variables, for code that is promised them all; Node reads some when it starts. */
  others?: Readonly<Record<string, string>> | undefined;
}

export function startOf({ node, base, loading, others = {} }: StartOptions): Start {
  const { NODE_OPTIONS = '', ...rest } = others;
  const { rest: options } = sortOptions(splitOptions(NODE_OPTIONS), '/');
  const all = joinOptions([...new Set([...loading.filter(isThere), ...options])]);
  const env = { ...rest, ...base, ...(all === '' ? {} : { NODE_OPTIONS: all }) };
  const atStart = Object.entries(base).filter(([name]) => isReadAtStart(name));
  return { id: digest([node, all, atStart, rest]), node, env };
}

export const digest = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

/** Whether all that the start names is there now. */
export const isStillThere = ({ node, env }: Start): boolean =>
  existsSync(node) && splitOptions(env.NODE_OPTIONS ?? '').every(isThere);

/** What this process was started with and its children need too. */
export function ownLoading(): string[] {
  const words = [...process.execArgv, ...splitOptions(process.env.NODE_OPTIONS ?? '')];
  return [...new Set(sortOptions(words, process.cwd()).loading)];
}

const found = new Map<string, string>();

/** The stored Node; when it is gone one of the same major version, else this one. `note` is told of another one. */
export function nodeOf(stored: NoSecrets['node'], path: string | undefined, note: (text: string) => void): string {
  if (stored === undefined || existsSync(stored.path)) return stored?.path ?? process.execPath;
  const other = found.get(stored.path) ?? (sameMajor(stored.version, path) || process.execPath);
  found.set(stored.path, other);
  const version = other === process.execPath ? `, ${process.version}` : ', of the same major version';
  note(
    `environment: the Node of the submit is gone (${stored.path}, ${stored.version}); it runs with ${other}${version}`,
  );
  return other;
}

function sameMajor(version: string, path = ''): string | undefined {
  const isSame = (other: string): boolean => other.split('.')[0] === version.split('.')[0];
  if (isSame(process.version)) return process.execPath;
  const programs = path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'node'));
  return programs.find((program) => existsSync(program) && isSame(versionOf(program)));
}

function versionOf(program: string): string {
  try {
    return execFileSync(program, ['--version'], { encoding: 'utf8', timeout: 5000, env: {}, stdio: 'pipe' }).trim();
  } catch {
    return '';
  }
}
