/** Lists the files of a tree without following links. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Paths of all regular files below `root`, relative to it and sorted within each folder; how many links were passed
 * over; and which folders could not be read. The root itself must be a folder that can be read.
 */
export async function filesBelow(root, ignore, signal) {
  if (!(await stat(root)).isDirectory()) throw new Error(`path: ${root} is not a folder`);
  const found = { files: [], links: 0, unreadable: [] };
  const folders = [''];
  while (folders.length > 0) {
    signal.throwIfAborted();
    const folder = folders.pop();
    for (const entry of await entriesOf(root, folder, found)) {
      if (ignore.has(entry.name)) continue;
      const path = join(folder, entry.name);
      if (entry.isSymbolicLink()) found.links++;
      else if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) found.files.push(path);
    }
  }
  return found;
}

async function entriesOf(root, folder, found) {
  try {
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (folder === '') throw error;
    found.unreadable.push(folder);
    return [];
  }
}
