/** `NODE_OPTIONS` and the like: which of them load code, and how these are handed on. */
import { existsSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireFrom } from '../../platform/package.ts';

/** Takes `NODE_OPTIONS` apart as Node does: by spaces, but for those in double quotes, where a backslash escapes. */
export function splitOptions(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === ' ' && !quoted) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === '"') {
      quoted = !quoted;
      word ??= '';
    } else {
      if (quoted && char === '\\') at += 1;
      word = `${word ?? ''}${text.charAt(at)}`;
    }
  }
  return word === undefined ? words : [...words, word];
}

/** The text that Node takes apart into these words. */
export function joinOptions(words: readonly string[]): string {
  return words.map((word) => (/[ "\\]/.test(word) ? `"${word.replace(/["\\]/g, '\\$&')}"` : word)).join(' ');
}

/** Options that load a module, by the name under which they are handed on. */
const LOADERS: Readonly<Record<string, string>> = {
  '-r': '--require',
  '--require': '--require',
  '--import': '--import',
  '--loader': '--experimental-loader',
  '--experimental-loader': '--experimental-loader',
};

/** Options that say how modules are found and read. */
const RULES = /^(--conditions=.*|--preserve-symlinks(-main)?|--experimental-(strip|transform)-types)$/;

/** What of a process' options its children need to load what it loads, and the rest. */
export interface Sorted {
  /** `--require=/path`: each one is one word. */
  loading: string[];
  rest: string[];
}

/** Sorts options by whether they are needed for loading. Bare names, and what is relative, are found from `folder`. */
export function sortOptions(words: readonly string[], folder: string): Sorted {
  const sorted: Sorted = { loading: [], rest: [] };
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    const [flag = '', ...given] = word.split('=');
    const loader = LOADERS[flag];
    if (loader !== undefined) {
      const module = given.length > 0 ? given.join('=') : words[++at];
      if (module !== undefined) sorted.loading.push(`${loader}=${placed(module, folder)}`);
    } else if (word === '-C' || word === '--conditions') {
      sorted.loading.push(`--conditions=${words[++at] ?? ''}`);
    } else {
      sorted[RULES.test(word) ? 'loading' : 'rest'].push(word);
    }
  }
  return sorted;
}

/** The same module for a process that stands elsewhere; as it is where only Node itself can find it. */
function placed(module: string, folder: string): string {
  if (/^\.{1,2}\//.test(module)) return resolve(folder, module);
  if (isAbsolute(module) || /^[a-z]+:/i.test(module)) return module;
  try {
    return requireFrom(join(folder, 'x')).resolve(module);
  } catch {
    return module;
  }
}

/** Whether it says by itself where its module is, if it loads one: a process that stands elsewhere finds it too. */
export const isPlaced = (option: string): boolean => !loadsModule(option) || fileOf(option) !== undefined;

/** False for a module whose file is gone. */
export function isThere(option: string): boolean {
  const file = loadsModule(option) ? fileOf(option) : undefined;
  return file === undefined || existsSync(file);
}

const loadsModule = (option: string): boolean => LOADERS[option.split('=')[0] ?? ''] !== undefined;

function fileOf(option: string): string | undefined {
  const module = option.slice(option.indexOf('=') + 1);
  if (isAbsolute(module)) return module;
  return module.startsWith('file:') ? fileURLToPath(module) : undefined;
}
