import { readFileSync } from 'node:fs';

let known: string | undefined;

/**
 * The version in the package's own manifest, which lies above this folder in the published package. It is read once: what
 * lies there later is another version than the one that was loaded.
 */
export function packageVersion(): string {
  if (known === undefined) {
    const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
    known = (JSON.parse(manifest) as { version: string }).version;
  }
  return known;
}
