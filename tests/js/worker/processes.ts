/** What a test sees of other processes. Linux only, as proc(5) is. */
import { readdirSync, readFileSync } from 'node:fs';

/** Live processes whose environment or command line names the folder. */
export function processesOf(folder: string): number[] {
  return pids().filter((pid) => pid !== process.pid && isLive(pid) && mentions(pid, folder));
}

/** Live members of a process group. */
export function membersOf(pgid: number): number[] {
  return pids().filter((pid) => isLive(pid) && statOf(pid)?.[2] === String(pgid));
}

export function isLive(pid: number): boolean {
  const state = statOf(pid)?.[0];
  return state !== undefined && state !== 'Z' && state !== 'X';
}

export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone already
  }
}

const pids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function mentions(pid: number, text: string): boolean {
  try {
    return ['environ', 'cmdline'].some((file) => readFileSync(`/proc/${pid}/${file}`, 'latin1').includes(text));
  } catch {
    return false;
  }
}

export { until } from '../../waiting.js';
