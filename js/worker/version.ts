import { readFileSync } from 'node:fs';
import { packageFile } from '../platform/package.ts';

interface Manifest {
  version: string;
  engines: { node: string };
}

let known: Manifest | undefined;

/**
 * The version in the package's own manifest, which lies above this folder in the published package. It is read once: what
 * lies there later is another version than the one that was loaded.
 */
export const packageVersion = (): string => manifest().version;

/** The Node that the package needs, as `>=MAJOR.MINOR`. */
export const neededNode = (): string => manifest().engines.node;

function manifest(): Manifest {
  known ??= JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as Manifest;
  return known;
}
