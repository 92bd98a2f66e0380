/** What tells one process from another, and what ends a whole group of them. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Where a pid means the same process as here. */
export interface Place {
  boot: string;
  pid_ns: string;
  /** Processes of one time namespace have the same monotonic clock. */
  time_ns: string;
  host: string;
}

let place: Place | undefined;

/** This boot, these namespaces and this host. */
export function here(): Place {
  place ??= { boot: bootId(), pid_ns: namespace('pid'), time_ns: namespace('time'), host: hostname() };
  return place;
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return `host:${hostname()}`;
  }
}

function namespace(kind: 'pid' | 'time'): string {
  try {
    return readlinkSync(`/proc/self/ns/${kind}`);
  } catch {
    return 'none';
  }
}

interface Stat {
  state: string;
  pgid: number;
  start: string;
}

/** Reads `/proc/PID/stat` (proc(5)): the fields behind the last parenthesis, state first. */
function procStat(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', pgid: Number(fields[2]), start: bootTicks(fields[19] ?? '') };
}

let shift: number | undefined;

/** A time namespace shows start times shifted (time_namespaces(7)): in every one the same process must have the same. */
function bootTicks(start: string): string {
  shift ??= bootShift();
  return shift === 0 || start === '' ? start : String(Number(start) - shift);
}

/** By how many ticks, of which proc(5) has 100 a second, this time namespace is ahead of the boot. */
function bootShift(): number {
  try {
    const offsets = readFileSync('/proc/self/timens_offsets', 'latin1');
    const [, seconds = '0', nanoseconds = '0'] = /^boottime\s+(-?\d+)\s+(\d+)/m.exec(offsets) ?? [];
    return Number(seconds) * 100 + Math.floor(Number(nanoseconds) / 10_000_000);
  } catch {
    return 0; // a system without time namespaces
  }
}

const isLinux = process.platform === 'linux';

/** Asks ps(1), in an environment that makes every caller get the same text; empty when there is no such process. */
function ps(pid: number, column: string): string {
  const env = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
  // Loaded here only: it costs each short command 4 ms, and where there is a /proc nobody calls this.
  const { execFileSync } = process.getBuiltinModule('node:child_process');
  try {
    return execFileSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8', env }).trim();
  } catch {
    return '';
  }
}

/** When a process started, in a form that is equal only for the same process; undefined when there is none. */
export function startTime(pid: number): string | undefined {
  return isLinux ? procStat(pid)?.start : ps(pid, 'lstart=') || undefined;
}

/** True while the very process lives: not another with its pid, and not a zombie. */
export function isAlive(pid: number, start: string): boolean {
  if (!isLinux) return startTime(pid) === start && !ps(pid, 'stat=').startsWith('Z');
  const stat = procStat(pid);
  return stat !== undefined && stat.start === start && stat.state !== 'Z' && stat.state !== 'X';
}

/**
 * Kills a process group that `owner` led children in, with SIGKILL, and waits at most `patience` ms until no live member
 * is left. Answers whether none is. A group whose leader's pid now belongs to another process is not ours: its members
 * are gone. One without leader is killed when a member carries the owner's mark; otherwise nobody can tell whose it is.
 */
export function killGroup(pgid: number, start: string, owner: string, patience = 2000): boolean {
  const leader = startTime(pgid);
  if (leader !== undefined && leader !== start) return true;
  if (leader === undefined && !orphansAreOf(pgid, owner)) return !hasLiveMember(pgid);
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; ; waited += 2) {
    if (!signalGroup(pgid) || !hasLiveMember(pgid)) return true;
    if (waited >= patience) return false;
    Atomics.wait(pause, 0, 0, 2);
  }
}

/** Sends SIGKILL to a whole group; false when it has no member left, not even a zombie. */
export function signalGroup(pgid: number): boolean {
  try {
    process.kill(-pgid, 'SIGKILL');
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The variable that every process started for a task carries; its value is the id of the worker that leads it. */
export const GROUP_MARK = 'OFFSTAGE_GROUP';

/** A leader may die before its children. */
function orphansAreOf(pgid: number, owner: string): boolean {
  if (!isLinux) return false;
  return members(pgid).some((pid) => environ(pid).split('\0').includes(`${GROUP_MARK}=${owner}`));
}

function environ(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}

function members(pgid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => procStat(pid)?.pgid === pgid);
}

/**
 * Whether a group has a member, other than `but`, that still runs; where zombies cannot be told from the living, they
 * count, and so does `but`.
 */
export function hasLiveMember(pgid: number, but?: number): boolean {
  if (!isLinux) return hasMember(pgid);
  return members(pgid).some((pid) => {
    if (pid === but) return false;
    const state = procStat(pid)?.state;
    return state !== undefined && state !== 'Z' && state !== 'X';
  });
}

function hasMember(pgid: number): boolean {
  try {
    process.kill(-pgid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
