import type { TaskRow } from '../rows/task.ts';
import { taskById } from '../sql/tasks.ts';
import type { Changed } from '../types.ts';
import { changeOne } from './change.ts';
import type { Operation } from './operation.ts';

/** The youngest first: a child that is named beside its parent is cancelled by itself, and says so. */
export const cancel: Operation<'cancel'> = {
  kind: 'write',
  *run(context, { ids, ...how }) {
    const rows: TaskRow[] = [];
    const missing: string[] = [];
    for (const id of ids) {
      const row = yield* taskById(id);
      if (row === undefined) missing.push(id);
      else rows.push(row);
    }
    if (missing.length > 0) return { changed: [], missing };
    const done = new Map<string, Changed | null>();
    for (const { id } of rows.toSorted((a, b) => b.seq - a.seq)) {
      done.set(id, yield* changeOne(context, { id, command: { command: 'cancel', ...how } }));
    }
    return { changed: ids.flatMap((id) => done.get(id) ?? []), missing };
  },
};
