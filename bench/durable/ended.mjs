/** Processes that must not outlive the bench, however it ends. */
import { readdirSync, readFileSync } from 'node:fs';

const running = new Map();

process.on('exit', () => {
  for (const [child, signal] of running) send(child, signal);
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

/** Ends `child`, the leader of a group of its own, and that group by `signal` when the bench ends before it. */
export function endWithUs(child, signal = 'SIGKILL') {
  running.set(child, signal);
  child.once('exit', () => running.delete(child));
  return child;
}

export const kill = (child) => send(child, 'SIGKILL');

/** Kills whatever was started for `folder`, a path of ours alone: detached workers of a measurement that did not come to its end. */
export function killThoseOf(folder) {
  if (process.platform !== 'linux') return;
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    if (commandOf(name).includes(folder)) send({ pid: Number(name) }, 'SIGKILL');
  }
}

function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // it has ended
  }
}

function send({ pid }, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // it has ended
  }
}
