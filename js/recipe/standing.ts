/**
 * What was found in a recipe's folder, for as long as the folder stands as it stood then.
 *
 * 1. The folder, and each folder and file in it that counts, is looked at anew every time: device, inode, size and both times
 *    must be the same, and its path must still lead to itself. Whoever writes, moves, or gives another owner or mode changes
 *    them; a folder's own times tell what was added or removed.
 * 2. What was changed a moment ago may change again within the same tick of the file system's clock: nothing is remembered then.
 * 3. Nothing is remembered of a folder with links in it or many files, nor where folders are trusted by name: that may change
 *    elsewhere.
 */
import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { trustedFolders } from '../platform/trust.ts';
import { NOT_OURS, RACY } from './digest.ts';

/** Files and folders looked at; more take longer than the one look at all that saves them. */
const MOST_PARTS = 64;
/** Folders remembered, and answers of each. */
const MOST_FOLDERS = 256;
const MOST_ANSWERS = 16;

/** How a file or folder stood, by its path. */
type Stamps = ReadonlyMap<string, string>;

interface Known {
  stamps: Stamps;
  answers: Map<string, unknown>;
}

const folders = new Map<string, Known>();

/**
 * Answers with what `look` found in the folder `root`, a real path, the last time that it was asked the same `question`, if the
 * folder stands as it did, else with what it finds now. `isWhole`: whether the answer depends on that folder alone.
 */
export async function ofStanding<T>(
  root: string,
  question: string,
  look: () => Promise<T>,
  isWhole: (answer: T) => boolean = () => true,
): Promise<T> {
  if (trustedFolders().length > 0) return look();
  const known = folders.get(root);
  const stands = known !== undefined && stand(root, known.stamps);
  if (stands && known.answers.has(question)) return known.answers.get(question) as T;
  const stamps = stands ? known.stamps : stampsOf(root);
  const answer = await look();
  if (stamps !== undefined && isWhole(answer) && stand(root, stamps)) remember(root, stamps, question, answer);
  return answer;
}

/** Whether all that is looked at for a recipe's program, by paths from its folder, lies where the folder is looked at. */
export const areCovered = (paths: readonly string[]): boolean =>
  paths.every((path) => !path.split(/[\\/]/).some((part) => part === '..' || NOT_OURS.includes(part)));

function remember(root: string, stamps: Stamps, question: string, answer: unknown): void {
  const known = folders.get(root);
  const answers = known?.stamps === stamps ? known.answers : new Map<string, unknown>();
  if (answers.size >= MOST_ANSWERS) answers.clear();
  answers.set(question, answer);
  if (folders.size >= MOST_FOLDERS) folders.clear();
  folders.set(root, { stamps, answers });
}

function stand(root: string, stamps: Stamps): boolean {
  try {
    if (realpathSync.native(root) !== root) return false;
  } catch {
    return false;
  }
  for (const [path, stamp] of stamps) if (stampOf(path)?.stamp !== stamp) return false;
  return true;
}

/** Undefined when nothing is to be remembered. */
function stampsOf(root: string): Stamps | undefined {
  try {
    const stamps = new Map<string, string>();
    return add(stamps, root, BigInt(Date.now()) - RACY) ? stamps : undefined;
  } catch {
    return undefined; // something went while it was looked at, or cannot be read
  }
}

function add(stamps: Map<string, string>, folder: string, before: bigint): boolean {
  if (!addOne(stamps, folder, before)) return false;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isSymbolicLink()) return false;
    if (!entry.isDirectory()) {
      if (!addOne(stamps, path, before)) return false;
    } else if (!NOT_OURS.includes(entry.name) && !add(stamps, path, before)) return false;
  }
  return true;
}

function addOne(stamps: Map<string, string>, path: string, before: bigint): boolean {
  const found = stampOf(path);
  if (found === undefined || !found.isBefore(before) || stamps.size >= MOST_PARTS) return false;
  stamps.set(path, found.stamp);
  return true;
}

/** `isBefore`: whether it was changed last before that, in milliseconds since the epoch. */
function stampOf(path: string): { stamp: string; isBefore(ms: bigint): boolean } | undefined {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  const { dev, ino, size, mode, mtimeNs, ctimeNs, mtimeMs, ctimeMs } = stat;
  const stamp = [dev, ino, mode, size, mtimeNs, ctimeNs].join();
  return { stamp, isBefore: (ms) => mtimeMs < ms && ctimeMs < ms };
}
