import type { Program, Value } from '../../ports/backend.ts';
import { agreedNow } from '../clock.ts';
import { deleteTasks } from '../rows/remove.ts';
import { isReadable } from '../rows/task.ts';
import { endedWhere, type Found } from '../sql/clear.ts';
import type { Condition } from '../sql/list.ts';
import { forgetExchanges } from '../sql/sequels.ts';
import { unended } from '../sql/tasks.ts';
import type { ClearQuery } from '../types.ts';
import type { Context, Operation } from './operation.ts';

/**
 * Removes tasks that are terminal and whose work has ended; a task that still stops is kept. One that is named and whose
 * record is damaged goes too: nobody can run it or end it.
 */
export const clear: Operation<'clear'> = {
  kind: 'write',
  isLook: ({ dryRun }) => dryRun,
  *run(context, query) {
    const ended = yield* endedWhere(yield* conditions(context, query));
    const all = [...ended, ...(yield* damaged(query.ids ?? []))];
    if (!query.dryRun) {
      if (query.session !== undefined && isWhole(query)) yield* forgetExchanges(query.session);
      yield* deleteTasks(
        context,
        all.map(({ seq }) => seq),
      );
    }
    return { ids: all.map(({ id }) => id), keys: all.filter(({ keyed }) => keyed === 1).length };
  },
};

/** All of the session is meant, not some of its tasks. */
const isWhole = ({ ids, status, olderThan }: ClearQuery): boolean =>
  ids === null && status.length === 0 && olderThan === null;

function* damaged(ids: readonly string[]): Program<Found[]> {
  return (yield* unended(JSON.stringify(ids))).filter((row) => !isReadable(row));
}

function* conditions(context: Context, { ids, status, olderThan, session }: ClearQuery): Program<Condition> {
  const where = ['completed_at IS NOT NULL', 'worker IS NULL'];
  const values: Value[] = [];
  if (ids !== null) {
    where.push('id IN (SELECT value FROM json_each(?))');
    values.push(JSON.stringify(ids));
  }
  if (status.length > 0) {
    where.push('status IN (SELECT value FROM json_each(?))');
    values.push(JSON.stringify(status));
  }
  if (session !== undefined) {
    where.push('session_id = ?');
    values.push(session);
  }
  if (olderThan !== null) {
    where.push('completed_at <= ?');
    values.push((yield* agreedNow(context)) - olderThan);
  }
  return { where: where.join(' AND '), values };
}
