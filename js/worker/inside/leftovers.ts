/** Tells whether a run left something behind that goes on: timers, sockets, processes. */
import { closeSync, openSync, readSync } from 'node:fs';

/** What keeps the process busy, counted by kind. */
export type Busy = ReadonlyMap<string, number>;

export function busy(): Busy {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** Milliseconds that what is just ending gets to be gone: a handle that closes, a write that nobody waits for. */
const PATIENCE = [0, 1, 2, 5, 10, 20];

/**
 * True when nothing is there that was not there before, and no child process lives. A grandchild whose parent has ended
 * is not seen; it stays in the process group and ends with it.
 */
export async function isClean(before: Busy): Promise<boolean> {
  for (const pause of PATIENCE) {
    if (looksClean(before)) return true;
    await new Promise((resolve) => setTimeout(resolve, pause).unref());
  }
  return looksClean(before);
}

/** Loads what `isAlone` needs. */
export const loadLeftovers = () => import('../../platform/process.ts');

/**
 * True when no other process is in this process' group; false where nobody can tell. Looks at all processes, so it costs
 * milliseconds.
 */
export async function isAlone(): Promise<boolean> {
  const { hasLiveMember } = await loadLeftovers();
  return !hasLiveMember(process.pid, process.pid);
}

function looksClean(before: Busy): boolean {
  for (const [kind, count] of busy()) {
    if (count > (before.get(kind) ?? 0)) return false;
  }
  return !hasChildren();
}

/** A byte tells; a buffer for a whole file of unknown size, each time, would be most of the garbage of a small run. */
const FIRST = Buffer.alloc(1);

function hasChildren(): boolean {
  try {
    const file = openSync(`/proc/self/task/${process.pid}/children`, 'r');
    try {
      return readSync(file, FIRST, 0, 1, 0) > 0;
    } finally {
      closeSync(file);
    }
  } catch {
    return false; // not Linux, or a kernel without that file
  }
}
