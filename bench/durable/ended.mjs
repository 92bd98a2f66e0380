/** Processes that must not outlive the bench, however it ends. */

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

function send({ pid }, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // it has ended
  }
}
