/** Where a path means the same folder as here: this machine, as this process sees its file systems. */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

let known: string | undefined;

/** Survives a restart of the machine; not that of a container, which has a namespace of its own each time. */
export function thisPlace(): string {
  known ??= `${machine()}/${mountNamespace()}`;
  return known;
}

function machine(): string {
  try {
    const id = readFileSync('/etc/machine-id', 'utf8').trim();
    if (id !== '') return id;
  } catch {
    // images of containers have none
  }
  return `host:${hostname()}`;
}

function mountNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/mnt');
  } catch {
    return 'mnt:none';
  }
}
