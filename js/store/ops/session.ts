/** What a newcomer does about the tasks of its session, rules S1 to S6. Who waits for whom is in `runnable.ts`. */
import { decide } from '../../core/index.ts';
import { ConflictError } from '../../errors/refusal.ts';
import { isReadable, TASK_COLUMNS, type TaskRow } from '../rows.ts';
import type { NewTask } from '../types.ts';
import { type Parent, settle } from './family.ts';
import type { Context } from './operation.ts';

/** Refuses the newcomer, or cancels those that it interrupts. Before it is inserted, in the same transaction. */
export function enterSession(context: Context, { spec, onConflict }: NewTask, parent: Parent | undefined): void {
  if (spec.session_id == null || (onConflict !== 'reject' && onConflict !== 'interrupt')) return;
  const others = members(context, spec.session_id, parent);
  if (onConflict === 'interrupt') interrupt(context, others);
  else if (others[0] !== undefined) throw inUse(spec.session_id, others[0]);
}

/** Live and stopping tasks, the newcomer's ancestors left out. */
function members({ db }: Context, session: string, parent: Parent | undefined): TaskRow[] {
  return db.all<TaskRow>(
    `SELECT ${TASK_COLUMNS} FROM tasks INDEXED BY tasks_member
     WHERE session_id = ?1 AND (completed_at IS NULL OR worker IS NOT NULL)
       AND seq <> ?2 AND seq NOT IN (SELECT ancestor FROM family WHERE task = ?2) ORDER BY seq`,
    session,
    parent?.seq ?? 0,
  );
}

function interrupt(context: Context, others: readonly TaskRow[]): void {
  for (const { seq } of others) {
    // One that went with another before is passed over: its record is read anew.
    const row = context.db.get<TaskRow>(
      `SELECT ${TASK_COLUMNS} FROM tasks WHERE seq = ? AND completed_at IS NULL`,
      seq,
    );
    if (row === undefined || !isReadable(row)) continue;
    settle(context, row, decide(row.record, { command: 'cancel', by: 'session' }, context.now));
  }
}

function inUse(session: string, { id, status }: TaskRow): ConflictError {
  const message = `session '${session}' is in use: task ${id} is ${status}`;
  return new ConflictError(message, { details: { session_id: session, task_id: id } });
}
