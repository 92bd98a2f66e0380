import type { Program } from '../../ports/backend.ts';
import { changedTasks, isAnyLetIn, isAnyReady, isAnyRunnable, isSlotWanted, nextLater } from '../sql/claim.ts';
import { cancelData } from '../sql/events.ts';
import { taskWithHead } from '../sql/tasks.ts';
import { stateOfWorker } from '../sql/workers.ts';
import type { Attempt, Ended } from '../types.ts';
import type { Context, Operation } from './operation.ts';
import { hasRoom, roomOf } from './room.ts';

export const poll: Operation<'poll'> = {
  kind: 'read',
  *run(context, { worker, running, without = [] }) {
    const state = (yield* stateOfWorker(worker))?.state;
    return {
      registered: state !== undefined,
      ended: yield* endsOf({ worker, running }),
      claimable: yield* isClaimable(context, worker, without),
      pending: (yield* isAnyRunnable(worker)) !== undefined,
      nextAt: (yield* nextLater(worker, context.now))?.at ?? null,
    };
  },
};

/** Of the attempts that a worker holds, those that others have ended. */
export function* endsOf({ worker, running }: { worker: string; running: readonly Attempt[] }): Program<Ended[]> {
  const ended: Ended[] = [];
  for (const attempt of running) {
    const end = yield* endOf(attempt, worker);
    if (end !== undefined) ended.push(end);
  }
  return ended;
}

/** Whether a claim would find something; whoever asks in one snapshot is answered once. */
export function* isClaimable(context: Context, worker: string, without: readonly string[]): Program<boolean> {
  const known = looked.get(context.notes);
  if (known?.worker === worker && known.without === without.join()) return known.claimable;
  const claimable = hasRoom(yield* roomOf(worker)) && (yield* hasWork(context, worker, without));
  if (context.isSnapshot) looked.set(context.notes, { worker, without: without.join(), claimable });
  return claimable;
}

const looked = new WeakMap<Context['notes'], { worker: string; without: string; claimable: boolean }>();

function* hasWork({ now }: Context, worker: string, without: readonly string[]): Program<boolean> {
  if ((yield* isSlotWanted(worker)) !== undefined) return true;
  if ((yield* stateOfWorker(worker))?.state !== 'live') return false;
  const others = JSON.stringify(without);
  if ((yield* isAnyReady(worker, now, others)) !== undefined) return true;
  return (yield* isAnyLetIn(worker, now, others)) !== undefined;
}

/** Says why a running attempt must end; undefined while it is still the worker's. */
function* endOf(attempt: Attempt, worker: string): Program<Ended | undefined> {
  const row = yield* taskWithHead(attempt.id);
  if (row === undefined) return { ...attempt, status: 'cancelled', reason: 'the task was removed' };
  const held = row.worker === worker && row.epoch === attempt.epoch;
  // One that was answered is pending, and goes on here.
  if (held && (row.status === 'running' || row.status === 'input_required' || row.head === 1)) return undefined;
  return { ...attempt, status: row.status, reason: yield* cancelReason(row.seq) };
}

function* cancelReason(seq: number): Program<string | null> {
  const event = yield* cancelData(seq);
  return event ? ((JSON.parse(event.data) as { reason?: string | null }).reason ?? null) : null;
}

export const changedCode: Operation<'changedCode'> = {
  kind: 'read',
  *run(_, { worker }) {
    return yield* changedTasks(worker);
  },
};
