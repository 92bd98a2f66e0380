/** How many more may have a slot: of a worker's own, and of those that all workers of the store share. */
import type { Program } from '../../ports/backend.ts';
import { leased } from '../facts.ts';
import { freeSlots, owedSlots } from '../sql/claim.ts';
import type { Context } from './operation.ts';

export interface Room {
  /** Free slots of the worker itself. */
  own: number;
  /** Below the least limit that a living worker was told; `Infinity` without one. */
  shared: number;
  /** What others are to have first, by what comes before them: nothing that starts here changes it. */
  owed: Map<string, number>;
}

export function* roomOf(worker: string): Program<Room> {
  const row = yield* freeSlots(worker);
  return { own: row?.own ?? 0, shared: row?.shared ?? Number.POSITIVE_INFINITY, owed: new Map() };
}

/** One more has a slot. */
export function take(room: Room): void {
  room.own -= 1;
  room.shared -= 1;
}

/** Whether there is any. */
export const hasRoom = ({ own, shared }: Room): boolean => own > 0 && shared > 0;

/**
 * What comes before: slots wanted back earlier than that one, and answered tasks of a higher priority, or of that one and
 * created before.
 */
interface Before {
  wants: number;
  priority: number;
  seq: number;
}

/** Further than any number of its kind. */
const ALL_WANTS = Number.MAX_SAFE_INTEGER;
const NO_PRIORITY = Number.MAX_SAFE_INTEGER;
const ALL_TASKS = Number.MAX_SAFE_INTEGER;

/** A slot that was lent is given back in the order of asking, over all workers (rule L4). */
export function* mayHaveBack(context: Context, worker: string, wants: number): Program<boolean> {
  return yield* isTurnOf(context, worker, { wants, priority: NO_PRIORITY, seq: 0 }, yield* roomOf(worker));
}

/**
 * Nothing starts before slots that are wanted back, and before answered tasks of its priority (rules L4, O2). Of two that
 * were answered the older one comes first: else each would wait for the other.
 */
export const mayStart = (
  context: Context,
  worker: string,
  { priority, head, seq }: { priority: number; head: number; seq: number },
  room: Room,
): Program<boolean> =>
  isTurnOf(context, worker, { wants: ALL_WANTS, priority, seq: head === 1 ? seq : ALL_TASKS }, room);

function* isTurnOf(context: Context, worker: string, before: Before, room: Room): Program<boolean> {
  if (!hasRoom(room)) return false;
  if (room.shared === Number.POSITIVE_INFINITY) return true;
  const key = [before.wants, before.priority, before.seq].join();
  const owed = room.owed.get(key) ?? (yield* owedToOthers(context, worker, before));
  room.owed.set(key, owed);
  return room.shared > owed;
}

/**
 * How many shared slots others are to have first, as far as they have own ones for them. One whose lease is over is
 * stopped or dead: nobody waits for it.
 */
function* owedToOthers(context: Context, worker: string, { wants, priority, seq }: Before): Program<number> {
  const living = (yield* leased(context)).filter((id) => id !== worker);
  if (living.length === 0) return 0;
  const others = yield* owedSlots(wants, priority, seq, JSON.stringify(living));
  return others.reduce((sum, { own, first }) => sum + Math.max(0, Math.min(own, first)), 0);
}
