import type { Program } from '../../ports/backend.ts';
import { changedTasks, isAnyLetIn, isAnyReady, isAnyRunnable, isSlotWanted, nextLater } from '../sql/claim.ts';
import { type NotHeld, notHeld } from '../sql/tasks.ts';
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
  if (running.length === 0) return [];
  const asked = JSON.stringify(running.map(({ id, epoch }) => [id, epoch]));
  return (yield* notHeld(worker, asked)).map((row) => endOf(running[row.nth] as Attempt, row));
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

/** Says why a running attempt must end. */
const endOf = (attempt: Attempt, { status, cancelled }: NotHeld): Ended =>
  status === null
    ? { ...attempt, status: 'cancelled', reason: 'the task was removed' }
    : { ...attempt, status, reason: reasonOf(cancelled) };

const reasonOf = (cancelled: string | null): string | null =>
  cancelled === null ? null : ((JSON.parse(cancelled) as { reason?: string | null }).reason ?? null);

export const changedCode: Operation<'changedCode'> = {
  kind: 'read',
  *run(_, { worker }) {
    return yield* changedTasks(worker);
  },
};
