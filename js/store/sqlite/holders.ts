/** Who holds a store's locks, as far as the system tells: `/proc/locks` (proc_locks(5)) on Linux, nobody elsewhere. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { StoreError } from '../../errors/refusal.ts';
import { identity, isLogMissing, look } from './log-files.ts';

/** A process that holds a lock. */
export interface Holder {
  pid: number;
  /** Its program, and the script if that is its first argument; never more of its command line, which may hold secrets. */
  command: string;
  /** By a signal or a debugger: it lets nothing go until it is told to go on. */
  stopped: boolean;
}

/** The bytes that SQLite locks (sqlite.org/fileformat2.html 1.3.2, walformat.html 2.3.3). */
const WAL_WRITER = 120;
const PENDING = 0x40000000;
const SHARED = PENDING + 2;

/** Who has the store locked for writing. */
export function writersOf(path: string): Holder[] {
  const log = locksOf(`${path}-shm`).filter((lock) => lock.exclusive && covers(lock, WAL_WRITER));
  const file = locksOf(path).filter((lock) => lock.exclusive && lock.end >= PENDING);
  return holdersOf(path, [...log, ...file]);
}

/** Who has the store open: with a log every connection keeps a shared lock. */
function usersOf(path: string): Holder[] {
  return holdersOf(
    path,
    locksOf(path).filter((lock) => !lock.exclusive && covers(lock, SHARED)),
  );
}

interface Lock {
  pid: number;
  exclusive: boolean;
  start: number;
  end: number;
}

const covers = ({ start, end }: Lock, byte: number): boolean => start <= byte && byte <= end;

/** `1: POSIX  ADVISORY  WRITE 4242 08:01:131 120 120`. Devices are not compared: overlays and btrfs show others here. */
function locksOf(file: string): Lock[] {
  const inode = look(file)?.ino;
  if (inode === undefined) return [];
  return locksOn(inode).flatMap((line) => {
    const [, , , kind, pid, where, start, end] = line.trim().split(/\s+/);
    if (where?.split(':')[2] !== String(inode) || line.includes('->')) return []; // an arrow: it waits itself
    return {
      pid: Number(pid),
      exclusive: kind === 'WRITE',
      start: Number(start),
      end: end === 'EOF' ? Number.POSITIVE_INFINITY : Number(end),
    };
  });
}

/** A lock may be left out of a reading in which another one has gone. */
const READINGS = 3;

/** Lines of `/proc/locks` about that inode; none where the system does not tell. */
function locksOn(inode: number): string[] {
  for (let reading = 0; reading < READINGS; reading++) {
    const lines = locks().filter((line) => line.includes(`:${inode} `));
    if (lines.length > 0) return lines;
  }
  return [];
}

function locks(): string[] {
  try {
    return readFileSync('/proc/locks', 'latin1').split('\n');
  } catch {
    return [];
  }
}

/** An inode's number alone may mean another file, of another file system: who cannot have the store open is left out. */
function holdersOf(path: string, locks: readonly Lock[]): Holder[] {
  const pids = [...new Set(locks.map(({ pid }) => pid))];
  return pids.filter((pid) => pid > 0 && mayHaveOpen(pid, path)).map(holder);
}

function mayHaveOpen(pid: number, path: string): boolean {
  const store = identity(look(path));
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => identity(look(`/proc/${pid}/fd/${fd}`)) === store);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES'; // another user's
  }
}

function holder(pid: number): Holder {
  const [program = '', script = ''] = (read(`/proc/${pid}/cmdline`) ?? '').split('\0');
  const named = /\.[cm]?[jt]s$|\.py$/.test(script) ? `${basename(program)} ${basename(script)}` : basename(program);
  const stat = read(`/proc/${pid}/stat`) ?? '';
  const state = stat[stat.lastIndexOf(')') + 2];
  return { pid, command: named || 'a process', stopped: state === 'T' || state === 't' };
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}

const told = ({ command, pid, stopped }: Holder): string => `${command} (pid ${pid}${stopped ? ', stopped' : ''})`;

/** `other processes`, or who they are. */
export const toldOf = (holders: readonly Holder[]): string =>
  holders.length === 0 ? 'other processes' : holders.map(told).join(', ');

/** Others held the lock for too long. */
export function heldError(path: string, seconds: number, cause: unknown): StoreError {
  const holders = writersOf(path);
  return new StoreError(`${path} was held by ${toldOf(holders)} for ${seconds} s; nothing of this request was stored`, {
    cause,
    details: { reason: 'busy', holders },
  });
}

/** Milliseconds that processes which have the store open get to bring its log back, and between two looks. */
const PATIENCE = 6_000;
const LOOK_EVERY = 20;

/**
 * Waits while others have the store open without its log: it was removed under them, and what they have committed is in no
 * file that can be found by name. Whoever made a new one would cut it off for ever; they bring it back when they look next.
 */
export async function awaitLog(path: string): Promise<void> {
  const end = performance.now() + PATIENCE;
  for (;;) {
    const users = isLogMissing(path) ? usersOf(path) : [];
    if (users.length === 0) return;
    if (performance.now() >= end) {
      throw new StoreError(
        `the log of the store ${path} was removed while ${toldOf(users)} had it open: what was committed since is lost to ` +
          'everybody else, and writing now would lose it for good. It is brought back when that process uses the store ' +
          'next, or end the process',
        { details: { reason: 'log_lost', holders: users } },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
}
