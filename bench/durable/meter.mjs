/** What a run takes beside time: processor of this process and of the queue's server, write transactions of SQLite. */
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';

const serverPid = process.env.BENCH_SERVER_PID;

/**
 * A meter from now on; what it answers reads it: microseconds of processor, of those the server's, and write transactions
 * where `database` is a SQLite file; NaN where there is none.
 */
export function startMeter(database) {
  const before = now(database);
  return () => {
    const after = now(database);
    const server = after.server - before.server;
    const cpu = after.own - before.own + (Number.isNaN(server) ? 0 : server);
    return { cpu, server, commits: after.commits - before.commits };
  };
}

function now(database) {
  const { user, system } = process.cpuUsage(); // all threads
  const server = serverPid === undefined ? Number.NaN : serverCpu(Number(serverPid));
  return { own: user + system, server, commits: commits(database) };
}

/**
 * The counter that SQLite increments at every write transaction of any process: `iChange`, the third number of the header
 * of the WAL index (sqlite.org/walformat.html).
 */
function commits(database) {
  if (database === undefined || !existsSync(`${database}-shm`)) return Number.NaN;
  const header = Buffer.alloc(12);
  const file = openSync(`${database}-shm`, 'r');
  readSync(file, header, 0, 12, 0);
  closeSync(file);
  return header.readUInt32LE(8);
}

/** Microseconds of the server, its children and those of them that have ended. */
function serverCpu(pid) {
  const microsecondsATick = 1e6 / clockTicks();
  let ticks = 0;
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const fields = statOf(name);
    if (fields === undefined) continue;
    const [utime, stime, cutime, cstime] = fields.slice(11, 15).map(Number);
    if (Number(name) === pid) ticks += utime + stime + cutime + cstime;
    else if (Number(fields[1]) === pid) ticks += utime + stime;
  }
  return ticks * microsecondsATick;
}

/** The fields of /proc/PID/stat behind the name, which may hold blanks: state, parent, … */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined; // it has ended
  }
}

let ticks;
const clockTicks = () => {
  ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return ticks;
};
