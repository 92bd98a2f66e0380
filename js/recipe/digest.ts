/** What a recipe's code is: one digest over all files of its folder. */
import { createHash, type Hash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Folders that are not the recipe's own: what is installed, what has its own history, and a store. */
export const NOT_OURS: readonly string[] = ['node_modules', '.git', '.offstage'];

/** So many files are looked at, the first in the order of their paths. */
const MOST_FILES = 5_000;
/** Of a larger file, and of those beyond so many bytes in all, only path and size count. */
const LARGEST_FILE = 8 * 1024 * 1024;
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * sha256 in hex over the paths and contents of all files in `root`, in the order of their paths, but for `node_modules`,
 * `.git` and `.offstage`. Of a link its target's path counts, not what is there. Of files over 8 MiB, and of those beyond
 * 64 MiB in all, only the size counts; beyond 5,000 files nothing does. The same files give the same digest on every machine.
 */
export async function digestOf(root: string): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  let files = 0;
  for await (const { path, entry } of filesIn(root, '')) {
    if (++files > MOST_FILES) break;
    const full = join(root, path);
    hash.update(`${path}\0`);
    if (entry.isSymbolicLink()) hash.update(`link ${await readlink(full).catch(() => GONE)}\n`);
    else bytes += await addFile(hash, full, MOST_BYTES - bytes);
  }
  return hash.digest('hex');
}

/** The same of a folder and of others that it is run with; without those it is its own. */
export async function digestWith(root: string, others: readonly string[]): Promise<string> {
  const own = await digestOf(root);
  if (others.length === 0) return own;
  const hash = createHash('sha256').update(own);
  for (const other of others) hash.update(`\n${await digestOf(other)}`);
  return hash.digest('hex');
}

/** A file may go while we look. */
const GONE = 'gone';

interface Found {
  /** In the folder, with `/`. */
  path: string;
  entry: Dirent;
}

async function* filesIn(root: string, folder: string): AsyncGenerator<Found> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!NOT_OURS.includes(entry.name)) yield* filesIn(root, path);
    } else if (entry.isFile() || entry.isSymbolicLink()) yield { path, entry };
  }
}

/** Answers how many bytes of it count. */
async function addFile(hash: Hash, path: string, left: number): Promise<number> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  if (found === undefined) {
    hash.update(`${GONE}\n`);
    return 0;
  }
  const size = Number(found.size);
  const counts = size <= LARGEST_FILE && size <= left;
  hash.update(counts ? `${await contentOf(path, stampOf(found), found.mtimeMs)}\n` : `${size} bytes\n`);
  return counts ? size : 0;
}

type Stat = Awaited<ReturnType<typeof statOf>>;
const statOf = (path: string) => stat(path, { bigint: true });

/** Equal while the file has not been written to. */
const stampOf = ({ dev, ino, size, mtimeNs, ctimeNs }: Stat): string => [dev, ino, size, mtimeNs, ctimeNs].join();

/** What files were, by path; the whole is forgotten when it has grown too large. */
const known = new Map<string, { stamp: string; digest: string }>();
const MOST_KNOWN = 20_000;

/** A file written to within so many milliseconds of a look may be written to again with the same times. */
export const RACY = 2_000n;

async function contentOf(path: string, stamp: string, mtimeMs: bigint): Promise<string> {
  const before = known.get(path);
  if (before?.stamp === stamp) return before.digest;
  const content = await readFile(path).catch(() => undefined);
  if (content === undefined) return GONE;
  const digest = createHash('sha256').update(content).digest('hex');
  if (known.size >= MOST_KNOWN) known.clear();
  if (BigInt(Date.now()) - mtimeMs > RACY) known.set(path, { stamp, digest });
  return digest;
}
