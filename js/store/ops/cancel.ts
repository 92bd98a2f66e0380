import { findRow, type TaskRow } from '../rows.ts';
import type { Changed } from '../types.ts';
import { changeOne } from './change.ts';
import type { Operation } from './operation.ts';

/** The youngest first: a child that is named beside its parent is cancelled by itself, and says so. */
export const cancel: Operation<'cancel'> = {
  kind: 'write',
  run: (context, { ids, ...how }) => {
    const rows = ids.map((id) => findRow(context.db, id));
    const missing = ids.filter((_, index) => rows[index] === undefined);
    if (missing.length > 0) return { changed: [], missing };
    const done = new Map<string, Changed | null>();
    for (const { id } of (rows as TaskRow[]).toSorted((a, b) => b.seq - a.seq)) {
      done.set(id, changeOne(context, { id, command: { command: 'cancel', ...how } }));
    }
    return { changed: ids.flatMap((id) => done.get(id) ?? []), missing };
  },
};
