/** What tells one process from another, and what ends a whole group of them. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { StoreError } from '../errors/refusal.ts';
import { HAS_GROUPS, IS_LINUX } from './system.ts';

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

/**
 * Asks ps(1), in an environment that makes every caller get the same text; empty when there is no such process. Throws when
 * it cannot be asked, as where no more processes may be started: that says nothing about anybody. `pid` is its own.
 */
function ps(...args: string[]): { text: string; pid: number } {
  const env = { PATH: `${process.env.PATH ?? ''}:/usr/bin:/bin`, LC_ALL: 'C', TZ: 'UTC' };
  // Loaded here only: it costs each short command 4 ms, and where there is a /proc nobody calls this.
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { pid, status, stdout, error } = spawnSync('ps', args, { encoding: 'utf8', env, maxBuffer: 16 * 1024 * 1024 });
  if (error === undefined && (status === 0 || status === 1)) return { text: stdout.trim(), pid };
  const why = error?.message ?? `exit code ${status}`;
  throw new StoreError(`ps(1) cannot be asked about processes: ${why}`, { cause: error });
}

/** What ps(1) says of one process; undefined when there is none, and where there is no such program. */
function psStat(pid: number): { state: string; start: string } | undefined {
  if (!HAS_GROUPS) return undefined;
  const [, state, start] = /^(\S+)\s+(.*)$/.exec(ps('-o', 'stat=', '-o', 'lstart=', '-p', String(pid)).text) ?? [];
  return state === undefined || start === undefined ? undefined : { state, start };
}

/**
 * When a process started, in a form that is equal only for the same process; undefined when there is none, and where that
 * cannot be known (Windows).
 */
export function startTime(pid: number): string | undefined {
  return pid === process.pid ? ownStart() : startOf(pid);
}

const startOf = (pid: number): string | undefined => (IS_LINUX ? procStat(pid) : psStat(pid))?.start;

let own: string | undefined;

/** Of this process; it is asked about very often, and nothing can change it. */
function ownStart(): string | undefined {
  own ??= startOf(process.pid);
  return own;
}

/** True while the very process lives: not another with its pid, and not a zombie. One that cannot be looked at lives. */
export function isAlive(pid: number, start: string): boolean {
  if (pid === process.pid && IS_LINUX) return start === ownStart();
  let stat: { state: string; start: string } | undefined;
  try {
    stat = IS_LINUX ? procStat(pid) : psStat(pid);
  } catch {
    return true;
  }
  return stat !== undefined && stat.start === start && !isEnded(stat.state);
}

/** A zombie, or one that is just being removed. */
const isEnded = (state: string): boolean => /^[ZX]/.test(state);

/** Sends a signal, SIGKILL unless another is named, to a whole group; false when it has no member left, not even a zombie. */
export function signalGroup(pgid: number, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' = 'SIGKILL'): boolean {
  try {
    process.kill(-pgid, signal);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The variable that every process started for a task carries; its value is the id of the worker that leads it. */
export const GROUP_MARK = 'OFFSTAGE_GROUP';

/** Whether a member of the group has that text (`NAME=value`) in its environment; nobody can tell but on Linux. */
export function isMarked(pgid: number, mark: string): boolean {
  if (!IS_LINUX) return false;
  return members(pgid).some((pid) => environ(pid).split('\0').includes(mark));
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

/** Whether a group has a member, other than `but`, that still runs. */
export const hasLiveMember = (pgid: number, but?: number): boolean =>
  groupStates(pgid, but).some((state) => !isEnded(state));

/** What ps(1) calls the states of a group's members but one: `R`, `S`, `T` (it stands still), `Z` and others. */
export function groupStates(pgid: number, but?: number): string[] {
  if (!IS_LINUX) return psGroupStates(pgid, but);
  return members(pgid).flatMap((pid) => (pid === but ? [] : (procStat(pid)?.state ?? 'X')));
}

function psGroupStates(pgid: number, but: number | undefined): string[] {
  if (!hasMember(pgid)) return [];
  const asked = ps('-A', '-o', 'pid=', '-o', 'pgid=', '-o', 'stat=');
  return asked.text.split('\n').flatMap((line) => {
    const [pid, group, state = 'X'] = line.trim().split(/\s+/);
    const isOther = Number(group) === pgid && Number(pid) !== but && Number(pid) !== asked.pid;
    return isOther ? [state] : [];
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
