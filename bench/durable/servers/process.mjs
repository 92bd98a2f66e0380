/** A server as a child process: started, waited for, stopped. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { endWithUs, kill } from '../ended.mjs';

const READY_MS = 20_000;
const STOP_MS = 20_000;

/**
 * Starts `command` and waits until something listens on the Unix socket `socket`. `stop()` sends `signal` and waits for the
 * end; after 20 s the server is killed.
 */
export async function startProcess([file, ...args], { socket, signal, cwd, ...identity }) {
  const how = { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'], ...identity };
  const child = endWithUs(spawn(file, args, how), signal);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text = (text + chunk).slice(-2000);
    });
  }
  const ended = once(child, 'exit');
  const failed = ended.then(([code]) => {
    throw new Error(`${file} ended with ${code}\n${text.trim()}`);
  });
  await Promise.race([listens(socket), failed]);
  failed.catch(() => {}); // from now on it may end
  return {
    pid: child.pid,
    async stop() {
      child.kill(signal);
      const timer = setTimeout(kill, STOP_MS, child);
      await ended;
      clearTimeout(timer);
    },
  };
}

async function listens(socket) {
  const until = performance.now() + READY_MS;
  while (!(await canConnect(socket))) {
    if (performance.now() > until) throw new Error(`nothing listens on ${socket} after ${READY_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function canConnect(path) {
  return new Promise((resolve) => {
    const client = connect(path);
    client.once('connect', () => client.destroy() && resolve(true));
    client.once('error', () => resolve(false));
  });
}
