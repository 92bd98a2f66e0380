/** Ends process groups that a worker has led, or holds them still. */
import { GROUP_MARK, groupStates, hasLiveMember, isMarked, signalGroup, startTime } from '../platform/process.ts';
import type { Group } from '../store/types.ts';

/** Milliseconds that a group gets to end, or to stand still, and between two looks at it. */
const PATIENCE = 2_000;
const LOOK_EVERY = 2;

/**
 * Milliseconds after which a group that does not stand still goes on until the next look: who waits for a child that it makes by
 * vfork(2), as shells do, stands still only when that child has begun its program, which it never does where it was stopped first.
 */
const ANEW_EVERY = 50;

/**
 * Kills a process group that `owner` led children in, with SIGKILL, and waits at most `patience` ms until no live member
 * is left. Answers whether none is. A group whose leader's pid now belongs to another process is not ours: its members
 * are gone. One without leader is killed when a member carries the owner's mark; otherwise nobody can tell whose it is.
 */
export async function killGroup({ pgid, start_time }: Group, owner: string, patience = PATIENCE): Promise<boolean> {
  const whose = whoseIs(pgid, start_time, owner);
  if (whose === 'another') return true;
  if (whose === 'unknown') return !hasLiveMember(pgid);
  return within(patience, () => !signalGroup(pgid, 'SIGKILL') || !hasLiveMember(pgid));
}

/**
 * Holds a group still with SIGSTOP, so that it does nothing more while it is decided what becomes of it: whoever leads it
 * is not told, as he would be of its end. Answers whether all of it stands still; else it goes on.
 */
export async function holdStill({ pgid, start_time }: Group, owner: string): Promise<boolean> {
  const whose = whoseIs(pgid, start_time, owner);
  if (whose === 'another') return true;
  if (whose === 'unknown') return !hasLiveMember(pgid);
  let anew = performance.now() + ANEW_EVERY;
  const isStill = await within(PATIENCE, () => {
    if (!signalGroup(pgid, 'SIGSTOP') || groupStates(pgid).every((state) => /^[TtZX]/.test(state))) return true;
    if (performance.now() >= anew) {
      letGoOn({ pgid });
      anew = performance.now() + ANEW_EVERY;
    }
    return false;
  });
  if (!isStill) letGoOn({ pgid });
  return isStill;
}

/** Of what was held still. */
export const letGoOn = ({ pgid }: Pick<Group, 'pgid'>): void => void signalGroup(pgid, 'SIGCONT');

function whoseIs(pgid: number, start: string, owner: string): 'ours' | 'another' | 'unknown' {
  const leader = startTime(pgid);
  if (leader !== undefined) return leader === start ? 'ours' : 'another';
  return isMarked(pgid, `${GROUP_MARK}=${owner}`) ? 'ours' : 'unknown'; // a leader may die before its children
}

/** Looks again and again; a look takes longer than a pause where ps(1) has to be asked. */
async function within(patience: number, isSo: () => boolean): Promise<boolean> {
  for (const end = performance.now() + patience; ; await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY))) {
    if (isSo()) return true;
    if (performance.now() >= end) return false;
  }
}
