/** How many more may have a slot: of a worker's own, and of those that all workers of the store share. */
import { leased } from '../facts.ts';
import type { Context } from './operation.ts';

export interface Room {
  /** Free slots of the worker itself. */
  own: number;
  /** Below the least limit that a living worker was told; `Infinity` without one. */
  shared: number;
}

export function roomOf({ db }: Context, worker: string): Room {
  const row = db.get<{ own: number | null; shared: number | null }>(
    `SELECT (SELECT concurrency FROM workers WHERE id = ?1) - (SELECT count(*) FROM tasks WHERE worker = ?1 AND slot = 1) AS own,
       (SELECT min(max_concurrent) FROM workers) - (SELECT count(*) FROM tasks WHERE slot = 1) AS shared`,
    worker,
  );
  return { own: row?.own ?? 0, shared: row?.shared ?? Number.POSITIVE_INFINITY };
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
export const mayHaveBack = (context: Context, worker: string, wants: number): boolean =>
  isTurnOf(context, worker, { wants, priority: NO_PRIORITY, seq: 0 });

/**
 * Nothing starts before slots that are wanted back, and before answered tasks of its priority (rules L4, O2). Of two that
 * were answered the older one comes first: else each would wait for the other.
 */
export const mayStart = (
  context: Context,
  worker: string,
  { priority, head, seq }: { priority: number; head: number; seq: number },
): boolean => isTurnOf(context, worker, { wants: ALL_WANTS, priority, seq: head === 1 ? seq : ALL_TASKS });

function isTurnOf(context: Context, worker: string, before: Before): boolean {
  const room = roomOf(context, worker);
  if (!hasRoom(room)) return false;
  return room.shared === Number.POSITIVE_INFINITY || room.shared > owedToOthers(context, worker, before);
}

/**
 * How many shared slots others are to have first, as far as they have own ones for them. One whose lease is over is
 * stopped or dead: nobody waits for it.
 */
function owedToOthers(context: Context, worker: string, { wants, priority, seq }: Before): number {
  const others = context.db.all<{ own: number; first: number }>(
    `SELECT w.concurrency - (SELECT count(*) FROM tasks WHERE worker = w.id AND slot = 1) AS own,
       (SELECT count(*) FROM tasks INDEXED BY tasks_wants WHERE wants < ?2 AND worker = w.id)
       + (SELECT count(*) FROM tasks INDEXED BY tasks_answered
          WHERE head = 1 AND worker IS NOT NULL AND worker = w.id
            AND (priority > ?3 OR (priority = ?3 AND seq < ?4))) AS first
     FROM workers w WHERE w.id <> ?1 AND w.id IN (SELECT value FROM json_each(?5))`,
    worker,
    wants,
    priority,
    seq,
    JSON.stringify(leased(context)),
  );
  return others.reduce((sum, { own, first }) => sum + Math.max(0, Math.min(own, first)), 0);
}
