import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout, wherever the compiled test lies. */
export const ROOT = find(dirname(fileURLToPath(import.meta.url)));

function find(folder: string): string {
  if (existsSync(join(folder, 'pkg-template'))) return folder;
  if (dirname(folder) === folder) throw new Error('the root of the checkout was not found');
  return find(dirname(folder));
}
