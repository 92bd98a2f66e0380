import { decide, dropAt } from '../../core/index.ts';
import { findRow, isReadable, writePayloads } from '../rows.ts';
import type { Change, Changed, Payloads } from '../types.ts';
import { settle } from './family.ts';
import type { Context, Operation } from './operation.ts';

/** Puts commands to `decide` and writes what it says. A refused command throws, and the whole operation is undone. */
export const change: Operation<'change'> = {
  kind: 'write',
  run: (context, { changes }) => changes.map((one) => changeOne(context, one)),
};

function changeOne(context: Context, { id, command, payloads, step }: Change): Changed | null {
  const { db, now } = context;
  const row = findRow(db, id);
  if (row === undefined) return null;
  const decided = decide(row.record, command, now);
  if (decided.changed) {
    settle(context, row, decided);
    writePayloads(db, row.seq, accepted(decided.events, payloads ?? {}));
    // The first result of a step is the one that later attempts are given.
    if (step) db.run('INSERT OR IGNORE INTO steps (task, key, data) VALUES (?, ?, ?)', row.seq, step.key, step.data);
  }
  return {
    id,
    changed: decided.changed,
    status: decided.columns.status,
    record: decided.record,
    events: decided.events,
  };
}

/** A result that came too late is kept beside the task's own, never in its place. */
function accepted(events: Changed['events'], payloads: Payloads): Payloads {
  if (!events.some(({ kind }) => kind === 'late_result')) return payloads;
  return payloads.result === undefined ? {} : { late_result: payloads.result };
}

/** Remembers when an outcome was first shown. */
export const see: Operation<'see'> = {
  kind: 'write',
  silent: true,
  bestEffort: 'current',
  run: ({ db, now }, { id }) => {
    const row = findRow(db, id);
    if (row === undefined || row.seen_at !== null || !isReadable(row)) return;
    const drop = dropAt(row.record, now);
    db.run('UPDATE tasks SET seen_at = ?, drop_at = ? WHERE seq = ? AND completed_at IS NOT NULL', now, drop, row.seq);
  },
};
