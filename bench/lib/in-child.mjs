/** Measures the in-process rows, each in a fresh Node. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const child = fileURLToPath(new URL('child.mjs', import.meta.url));
// Room for the peer that takes most of it, with a million tasks; no collection is put off by it.
const FLAGS = ['--expose-gc', '--max-old-space-size=8192'];
const LIMIT_MS = 300_000;

export function inChild(row, kind, peer) {
  const args = [...FLAGS, child, row.id, kind, peer.id];
  const ran = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: LIMIT_MS });
  if (ran.status !== 0) throw new Error(`ended with ${ran.signal ?? ran.status}\n${ran.stderr}`);
  return JSON.parse(ran.stdout.trimEnd().split('\n').at(-1));
}
