/** Statements by which workers get tasks, and slots. */
import type { Program } from '../../ports/backend.ts';
import type { TaskRow } from '../rows/task.ts';
import { CHANGED, HELD_OF_RECIPE, READY, READY_ONE, RUNNABLE } from './conditions.ts';
import { changes, row, rows } from './statement.ts';
import { TASK_COLUMNS } from './tasks.ts';

/** From here on they stand among the others, at the place that their creation gives them (rule O4). */
export const letDueOnesIn = changes<[now: number]>(
  'claim.let_in',
  "UPDATE tasks SET stand = 'ready' WHERE stand = 'later' AND run_at <= ?",
);

export type Ready = TaskRow & {
  priority: number;
  head: number;
  env_notes: string | null;
  /** Whether the start of another one may be in its way. */
  shares: number;
};

/** `passed`: JSON text of a list of `seq`. */
export const readyTasks = rows<Ready, [worker: string, now: number, passed: string, limit: number]>(
  'claim.ready',
  `SELECT ${TASK_COLUMNS}, priority, head, env_notes,
     max_concurrent IS NOT NULL OR waits > 0 AS shares FROM ${READY} AND seq NOT IN (SELECT value FROM json_each(?3))
   ORDER BY priority DESC, head DESC, seq LIMIT ?4 + 0`,
);

export const isReady = row<object, [worker: string, now: number, seq: number]>(
  'claim.is_ready',
  `SELECT 1 FROM ${READY_ONE}`,
);

/** `without`: JSON text of a list of ids. */
export const isAnyReady = row<object, [worker: string, now: number, without: string]>(
  'claim.any_ready',
  `SELECT 1 FROM ${READY} AND id NOT IN (SELECT value FROM json_each(?3)) LIMIT 1`,
);

/** Delayed ones whose time has come. */
export const isAnyLetIn = row<object, [worker: string, now: number, without: string]>(
  'claim.any_let_in',
  `SELECT 1 FROM tasks INDEXED BY tasks_later WHERE ${RUNNABLE} AND stand = 'later' AND run_at <= ?2
   AND id NOT IN (SELECT value FROM json_each(?3))`,
);

export const nextLater = row<{ at: number }, [worker: string, now: number]>(
  'claim.next_later',
  `SELECT run_at AS at FROM tasks INDEXED BY tasks_later
   WHERE ${RUNNABLE} AND stand = 'later' AND run_at > ?2 ORDER BY run_at LIMIT 1`,
);

/** Whether any task waits to start, or for its slot, be it of another worker; `later`: one that is not due. Not 0: some does. */
export interface Waiting {
  some: number;
  later: number;
}

/** Without one nothing can start, and no slot be given back. */
export function* whoWaits(): Program<Waiting> {
  return (yield* waiting()) as Waiting; // it has no FROM, so that there is one row
}

const waiting = row<Waiting>(
  'claim.waiting',
  `SELECT EXISTS (SELECT 1 FROM tasks INDEXED BY tasks_ready WHERE stand = 'ready')
     OR EXISTS (SELECT 1 FROM tasks INDEXED BY tasks_wants WHERE wants IS NOT NULL) AS some,
     EXISTS (SELECT 1 FROM tasks INDEXED BY tasks_later WHERE stand = 'later') AS later`,
);

export const isAnyRunnable = row<object, [worker: string]>(
  'claim.any_runnable',
  `SELECT 1 FROM tasks WHERE ${RUNNABLE} LIMIT 1`,
);

/** It holds one, or could run one. */
export const isBusy = row<object, [worker: string]>(
  'claim.is_busy',
  `SELECT 1 FROM tasks WHERE worker = ?1 UNION ALL SELECT 1 FROM tasks WHERE ${RUNNABLE} LIMIT 1`,
);

/** So many are looked at, the oldest first. */
const MOST_CHANGED = 100;

export const changedTasks = rows<{ id: string; record: string }, [worker: string]>(
  'claim.changed',
  `SELECT id, record FROM ${CHANGED} ORDER BY seq LIMIT ${MOST_CHANGED}`,
);

/** Free slots of the worker itself, and below the least limit that a worker was told: null without one. */
export const freeSlots = row<{ own: number | null; shared: number | null }, [worker: string]>(
  'slot.free',
  `SELECT (SELECT concurrency FROM workers WHERE id = ?1) - (SELECT count(*) FROM tasks WHERE worker = ?1 AND slot = 1) AS own,
     (SELECT min(max_concurrent) FROM workers) - (SELECT count(*) FROM tasks WHERE slot = 1) AS shared`,
);

/** Free slots of these workers, and what they have to have first; `workers`: JSON text of a list. */
export const owedSlots = rows<
  { own: number; first: number },
  [wants: number, priority: number, seq: number, workers: string]
>(
  'slot.owed',
  `SELECT w.concurrency - (SELECT count(*) FROM tasks WHERE worker = w.id AND slot = 1) AS own,
     (SELECT count(*) FROM tasks INDEXED BY tasks_wants WHERE wants < ?1 AND worker = w.id)
     + (SELECT count(*) FROM tasks INDEXED BY tasks_answered
        WHERE head = 1 AND worker IS NOT NULL AND worker = w.id
          AND (priority > ?2 OR (priority = ?2 AND seq < ?3))) AS first
   FROM workers w WHERE w.id IN (SELECT value FROM json_each(?4))`,
);

const HELD = `id = ? AND status = 'running' AND epoch = ?`;

export const lendSlot = changes<[id: string, epoch: number]>(
  'slot.lend',
  `UPDATE tasks SET slot = 0, lent = 1, wants = NULL WHERE ${HELD}`,
);

export const wantSlot = changes<[id: string, epoch: number]>(
  'slot.want',
  `UPDATE tasks SET wants = (
     SELECT coalesce(max(wants), 0) + 1 FROM tasks INDEXED BY tasks_wants WHERE wants IS NOT NULL)
   WHERE lent = 1 AND wants IS NULL AND ${HELD}`,
);

/** Nothing is changed while its recipe has no room. */
export const returnSlot = changes<[seq: number]>(
  'slot.return',
  `UPDATE tasks SET slot = 1, lent = 0, wants = NULL
   WHERE seq = ? AND (max_concurrent IS NULL OR max_concurrent > ${HELD_OF_RECIPE})`,
);

/** In the order of asking. */
export const wantedSlots = rows<{ seq: number; id: string; record: string; wants: number }, [worker: string]>(
  'slot.wanted',
  'SELECT seq, id, record, wants FROM tasks INDEXED BY tasks_wants WHERE wants IS NOT NULL AND worker = ? ORDER BY wants',
);

export const isAnySlotWanted = row<object>(
  'slot.any_wanted',
  'SELECT 1 FROM tasks INDEXED BY tasks_wants WHERE wants IS NOT NULL LIMIT 1',
);

export const isSlotWanted = row<object, [worker: string]>(
  'slot.is_wanted',
  'SELECT 1 FROM tasks INDEXED BY tasks_wants WHERE wants IS NOT NULL AND worker = ? LIMIT 1',
);
