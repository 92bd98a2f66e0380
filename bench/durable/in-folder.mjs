/** Runs one measurement: a fresh folder, the peer's server in it, and a fresh process of the peer's runtime. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endWithUs, kill } from './ended.mjs';
import { RUNTIMES } from './programs.mjs';
import { startServer } from './servers/index.mjs';

const child = fileURLToPath(new URL('child.mjs', import.meta.url));
const LIMIT_MS = 600_000;

const figuresIn = (folder) => JSON.parse(readFileSync(join(folder, 'figures.json'), 'utf8'));

/**
 * `inFolder(base, builds)` answers the `inChild` of measureRow. Folders are made in `base`; `builds` are the folders of those
 * builds of offstage that are not in dist/, by peer.
 *
 * `inChild` takes a `wrap`, a program with arguments that runs the measuring process, such as strace, and what is to be
 * `read` from the folder at last.
 */
export function inFolder(base, builds) {
  return async function inChild(row, kind, peer, { wrap = [], read = figuresIn } = {}) {
    const folder = mkdtempSync(join(base, 'offstage-bench-'));
    let server;
    try {
      if (peer.server) {
        chmodSync(folder, 0o711); // a server may run as another user
        server = await startServer(peer.server, folder);
      }
      const command = [...wrap, RUNTIMES[peer.runtime](), child, row.id, kind, peer.id];
      await run(command, folder, environment(folder, builds[peer.id], server));
      return read(folder);
    } finally {
      await server?.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  };
}

/** Not the caller's: what it sets may slow every start, and offstage stores some of it. */
function environment(folder, build, server) {
  return {
    PATH: process.env.PATH,
    HOME: folder,
    OFFSTAGE_WORKER_IDLE: '60',
    BENCH_NODE: process.execPath,
    ...(build === undefined ? {} : { OFFSTAGE_BENCH_BUILD: build }),
    ...(server === undefined ? {} : { BENCH_URL: server.url, BENCH_SERVER_PID: String(server.pid) }),
  };
}

function run([file, ...args], cwd, env) {
  return new Promise((resolve, reject) => {
    const process = endWithUs(spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] }));
    let text = '';
    const keep = (chunk) => {
      text = (text + chunk).slice(-4000);
    };
    process.stdout.on('data', keep);
    process.stderr.on('data', keep);
    const timer = setTimeout(() => {
      keep(`\nafter ${LIMIT_MS / 1000} s without an end`);
      kill(process);
    }, LIMIT_MS);
    process.once('error', reject);
    process.once('exit', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve();
      else reject(new Error(`ended with ${signal ?? code}\n${text.trim()}`));
    });
  });
}
