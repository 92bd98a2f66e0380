/** What tells one process from another, and what ends a whole group of them. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Where a pid means the same process as here. */
export interface Place {
  boot: string;
  pid_ns: string;
  host: string;
}

let place: Place | undefined;

/** This boot, pid namespace and host. */
export function here(): Place {
  place ??= { boot: bootId(), pid_ns: pidNamespace(), host: hostname() };
  return place;
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return `host:${hostname()}`;
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
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
  return { state: fields[0] ?? '', pgid: Number(fields[2]), start: fields[19] ?? '' };
}

const isLinux = process.platform === 'linux';

/** When a process started, in a form that is equal only for the same process; undefined when there is none. */
export function startTime(pid: number): string | undefined {
  if (isLinux) return procStat(pid)?.start;
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

/** True while the very process lives: not another with its pid, and not a zombie. */
export function isAlive(pid: number, start: string): boolean {
  if (!isLinux) return startTime(pid) === start;
  const stat = procStat(pid);
  return stat !== undefined && stat.start === start && stat.state !== 'Z' && stat.state !== 'X';
}

/**
 * Kills a process group with SIGKILL and waits, at most `patience` ms, until no live member is left. Answers whether
 * none is. A group whose leader's pid now belongs to another process is not ours: nothing is done.
 */
export function killGroup(pgid: number, start: string, patience = 2000): boolean {
  const leader = startTime(pgid);
  if (leader !== undefined && leader !== start) return true;
  if (leader === undefined && !orphanIsOurs(pgid)) return true;
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

/** The variable that every process started for a task carries; its value is the leader's group token. */
export const GROUP_MARK = 'OFFSTAGE_GROUP';

/** A leader may die before its children. They are ours when one still carries our mark. */
function orphanIsOurs(pgid: number): boolean {
  if (!isLinux) return false;
  return members(pgid).some((pid) => environ(pid).includes(`${GROUP_MARK}=`));
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

/** Whether a group has a member that still runs; where that cannot be told, true. */
export function hasLiveMember(pgid: number): boolean {
  if (!isLinux) return true;
  return members(pgid).some((pid) => {
    const state = procStat(pid)?.state;
    return state !== undefined && state !== 'Z' && state !== 'X';
  });
}
