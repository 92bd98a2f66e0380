/** Brings the peers, in the versions of bench/package-lock.json, when they are missing or others. */
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const bench = fileURLToPath(new URL('..', import.meta.url));

export function installPeers() {
  const wanted = `${bench}package-lock.json`;
  const installed = `${bench}node_modules/.package-lock.json`; // npm writes it last
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return;
  console.error('bench: npm ci --prefix bench');
  // npm's warnings are left out: p-queue 10 says that it needs Node 22 and works on 20, others get a Node 24 of their own.
  const args = ['ci', '--prefix', bench, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', args, { stdio: ['ignore', 2, 2] });
}
