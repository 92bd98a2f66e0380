/** Decides what nobody has to ask for: the attempts of dead workers, times that are over, records to drop. */
import { decide } from '../../core/index.ts';
import type { Program } from '../../ports/backend.ts';
import { forgetWorkers } from '../notes.ts';
import { holdOf, isReadable, type TaskRow } from '../rows/task.ts';
import { dueTasks, heldBy, heldByNobody, taskBySeq } from '../sql/tasks.ts';
import { removeGroups, removeWorker } from '../sql/workers.ts';
import { forgetDue, letGo } from '../sql/writes.ts';
import type { Reaped, WorkerRow } from '../types.ts';
import { settle } from './family.ts';
import type { Context, Operation } from './operation.ts';
import { deadWorkers } from './overdue.ts';
import { dropOutdated } from './retain.ts';

export const due: Operation<'due'> = {
  kind: 'write',
  idle: 0,
  bestEffort: 'current',
  isOwed: true,
  *run(context, { reaped, dropNothing }) {
    let decided = 0;
    for (const worker of yield* deadWorkers(context)) decided += yield* buryWorker(context, worker, reaped);
    decided += (yield* loseOrphans(context)) + (yield* expire(context));
    return dropNothing === true ? decided : decided + (yield* dropOutdated(context));
  },
};

/**
 * Decides the attempts of a dead worker, then forgets it. One whose groups could be killed and were not asked about has
 * died since: that is for the next call.
 */
function* buryWorker(context: Context, worker: WorkerRow, reaped: readonly Reaped[]): Program<number> {
  const isSeen = context.sight.canSee(worker);
  const ended = reaped.find((one) => one.worker === worker.id && one.start_time === worker.start_time);
  if (isSeen && ended === undefined) return 0;
  const reason = isSeen ? 'worker_gone' : 'lease_expired';
  const rows = yield* heldBy(worker.id);
  for (const { seq } of rows) yield* lose(context, seq, reason, isSeen && ended?.isEnded === true);
  yield* removeGroups(worker.id);
  yield* removeWorker(worker.id);
  forgetWorkers(context);
  return rows.length;
}

/** Attempts whose worker has no row any more; its groups were removed with it. */
function* loseOrphans(context: Context): Program<number> {
  const rows = yield* heldByNobody();
  for (const { seq } of rows) yield* lose(context, seq, 'worker_gone', false);
  return rows.length;
}

/** Its row is read when it is its turn: what was decided of a parent may have changed its children. */
function* lose(
  context: Context,
  seq: number,
  reason: 'worker_gone' | 'lease_expired',
  stopped: boolean,
): Program<void> {
  const row = yield* taskBySeq(seq);
  if (row === undefined) return;
  const hold = holdOf(row.record);
  if (hold === null || !isReadable(row)) {
    yield* letGo(seq);
    return;
  }
  const { attempt, epoch } = hold;
  const decided = decide(row.record, { command: 'lose', attempt, epoch, reason, stopped }, context.now);
  if (decided.changed) yield* settle(context, row, decided);
}

function* expire(context: Context): Program<number> {
  const rows = yield* dueTasks(context.now);
  for (const { seq } of rows) {
    const row = yield* taskBySeq(seq);
    if (row !== undefined) yield* expireOne(context, row);
  }
  return rows.length;
}

function* expireOne(context: Context, row: TaskRow): Program<void> {
  if (isReadable(row)) yield* settle(context, row, decide(row.record, { command: 'due' }, context.now));
  else yield* forgetDue(row.seq);
}
