/** Ends process groups that this worker leads. */
import { hasLiveMember, signalGroup, startTime } from '../../platform/process.ts';
import type { Group } from '../../store/types.ts';

/** Milliseconds that the kernel gets to end what was killed. Only a process stuck in a system call takes longer. */
const PATIENCE = 10_000;

/**
 * Kills a group with SIGKILL without blocking the event loop; resolves with true when no member of it runs any more,
 * with false when after 10 s one still does.
 *
 * Only for groups whose leader is a child of this process: its pid cannot have been given to a stranger long ago.
 */
export async function endGroup({ pgid, start_time }: Group): Promise<boolean> {
  const end = performance.now() + PATIENCE;
  for (let pause = 1; ; pause = Math.min(pause * 2, 100)) {
    if (isStranger(pgid, start_time) || !signalGroup(pgid)) return true;
    await new Promise((resolve) => setTimeout(resolve, pause));
    // A zombie still has its group; looking at all processes is dear, so first it gets the time to be reaped.
    if (pause > 4 && !hasLiveMember(pgid)) return true;
    if (performance.now() > end) return false;
  }
}

/** The same at once, for a process that is about to end. */
export function killNow({ pgid, start_time }: Group): void {
  if (!isStranger(pgid, start_time)) signalGroup(pgid);
}

function isStranger(pgid: number, start: string): boolean {
  const now = startTime(pgid);
  return now !== undefined && now !== start;
}
