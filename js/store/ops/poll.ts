import { holdOf, TASK_COLUMNS, type TaskRow } from '../rows.ts';
import type { Attempt, Ended } from '../types.ts';
import { wantsSlot } from './lend.ts';
import type { Context, Operation } from './operation.ts';
import { hasRoom, roomOf } from './room.ts';
import { CHANGED, READY, RUNNABLE, stateOf } from './runnable.ts';

export const poll: Operation<'poll'> = {
  kind: 'read',
  run: (context, { worker, running, without = [] }) => {
    const state = stateOf(context, worker);
    return {
      registered: state !== undefined,
      ended: running.flatMap((attempt) => ended(context, attempt, worker) ?? []),
      claimable: isClaimable(context, worker, without),
      pending: context.db.get(`SELECT 1 FROM tasks WHERE ${RUNNABLE} LIMIT 1`, worker) !== undefined,
      nextAt: nextAt(context, worker),
    };
  },
};

/** Whether a claim would find something; whoever asks in one snapshot is answered once. */
export function isClaimable(context: Context, worker: string, without: readonly string[]): boolean {
  const known = looked.get(context);
  if (known?.worker === worker && known.without === without.join()) return known.claimable;
  const claimable =
    hasRoom(roomOf(context, worker)) &&
    (wantsSlot(context, worker) || (stateOf(context, worker) === 'live' && hasReady(context, worker, without)));
  if (context.isSnapshot) looked.set(context, { worker, without: without.join(), claimable });
  return claimable;
}

const looked = new WeakMap<Context, { worker: string; without: string; claimable: boolean }>();

function hasReady({ db, now }: Context, worker: string, without: readonly string[]): boolean {
  const others = 'AND id NOT IN (SELECT value FROM json_each(?3))';
  const values = [worker, now, JSON.stringify(without)] as const;
  if (db.get(`SELECT 1 FROM ${READY} ${others} LIMIT 1`, ...values) !== undefined) return true;
  return (
    db.get(
      `SELECT 1 FROM tasks INDEXED BY tasks_later WHERE ${RUNNABLE} AND later = 1 AND run_at <= ?2 ${others}`,
      ...values,
    ) !== undefined
  );
}

function nextAt({ db, now }: Context, worker: string): number | null {
  const row = db.get<{ at: number }>(
    `SELECT run_at AS at FROM tasks INDEXED BY tasks_later
     WHERE ${RUNNABLE} AND later = 1 AND run_at > ?2 ORDER BY run_at LIMIT 1`,
    worker,
    now,
  );
  return row?.at ?? null;
}

/** Says why a running attempt must end; undefined while it is still the worker's. */
function ended({ db }: Context, attempt: Attempt, worker: string): Ended | undefined {
  const row = db.get<TaskRow & { head: number }>(`SELECT ${TASK_COLUMNS}, head FROM tasks WHERE id = ?`, attempt.id);
  if (row === undefined) return { ...attempt, status: 'cancelled', reason: 'the task was removed' };
  const hold = holdOf(row.record);
  const held = hold?.worker === worker && hold.epoch === attempt.epoch;
  // One that was answered is pending, and goes on here.
  if (held && (row.status === 'running' || row.status === 'input_required' || row.head === 1)) return undefined;
  return { ...attempt, status: row.status as Ended['status'], reason: cancelReason(db, row.seq) };
}

function cancelReason(db: Context['db'], seq: number): string | null {
  const event = db.get<{ data: string }>("SELECT data FROM events WHERE task = ? AND kind = 'cancelled'", seq);
  return event ? ((JSON.parse(event.data) as { reason?: string | null }).reason ?? null) : null;
}

/** So many are looked at, the oldest first. */
const MOST_CHANGED = 100;

export const changedCode: Operation<'changedCode'> = {
  kind: 'read',
  run: ({ db }, { worker }) =>
    db.all<{ id: string; record: string }>(
      `SELECT id, record FROM ${CHANGED} ORDER BY seq LIMIT ${MOST_CHANGED}`,
      worker,
    ),
};
