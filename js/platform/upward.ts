/** Where a process stands: the folders upward, in which projects and stores are looked for. */
import { existsSync, realpathSync, type Stats, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/**
 * The folders from `from` upward, real ones, to the home folder or the border of the file system, whichever comes first.
 * Whether one counts is asked by who finds something in it.
 */
export function upward(from: string, home: string = homedir()): string[] {
  const folders: string[] = [];
  const [start, end] = [realOf(resolve(from)), realOf(resolve(home))];
  const device = statOf(start)?.dev;
  for (let folder = start; device !== undefined && statOf(folder)?.dev === device; folder = dirname(folder)) {
    folders.push(folder);
    if (folder === end || folder === dirname(folder)) break;
  }
  return folders;
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Undefined for what is not there or cannot be looked at. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** Whether a project begins here. */
export const hasManifest = (folder: string): boolean => existsSync(join(folder, 'package.json'));
