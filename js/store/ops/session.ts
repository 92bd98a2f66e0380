/** What a newcomer does about the tasks of its session, rules S1 to S6. Who waits for whom is in `sql/conditions.ts`. */
import { decide } from '../../core/index.ts';
import { ConflictError } from '../../errors/refusal.ts';
import type { Program } from '../../ports/backend.ts';
import { isReadable, type TaskRow } from '../rows/task.ts';
import { liveBySeq, membersOf } from '../sql/tasks.ts';
import type { NewTask } from '../types.ts';
import { type Parent, settle } from './family.ts';
import type { Context } from './operation.ts';

/** Refuses the newcomer, or cancels those that it interrupts. Before it is inserted, in the same transaction. */
export function* enterSession(
  context: Context,
  { spec, onConflict }: NewTask,
  parent: Parent | undefined,
): Program<void> {
  if (spec.session_id == null || (onConflict !== 'reject' && onConflict !== 'interrupt')) return;
  // Live and stopping tasks, the newcomer's ancestors left out.
  const others = yield* membersOf(spec.session_id, parent?.seq ?? 0);
  if (onConflict === 'interrupt') yield* interrupt(context, others);
  else if (others[0] !== undefined) throw inUse(spec.session_id, others[0]);
}

function* interrupt(context: Context, others: readonly TaskRow[]): Program<void> {
  for (const { seq } of others) {
    // One that went with another before is passed over: its record is read anew.
    const row = yield* liveBySeq(seq);
    if (row === undefined || !isReadable(row)) continue;
    yield* settle(context, row, decide(row.record, { command: 'cancel', by: 'session' }, context.now));
  }
}

function inUse(session: string, { id, status }: TaskRow): ConflictError {
  const message = `session '${session}' is in use: task ${id} is ${status}`;
  return new ConflictError(message, { details: { session_id: session, task_id: id } });
}
