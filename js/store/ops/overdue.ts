/** Looks whether there is something that nobody has to ask for: what every reader asks first, and seldom there is. */
import type { Program } from '../../ports/backend.ts';
import { facts } from '../facts.ts';
import { heldByNobody, isAnyDue } from '../sql/tasks.ts';
import { groupsOf } from '../sql/workers.ts';
import type { DeadWorker, WorkerRow } from '../types.ts';
import type { Context, Operation } from './operation.ts';
import { hasOutdated } from './outdated.ts';

/** Looks whether there is something to decide, and what dead workers have left running. */
export const overdue: Operation<'overdue'> = {
  kind: 'read',
  *run(context, { dropNothing }) {
    const dead: DeadWorker[] = [];
    const gone = yield* deadWorkers(context);
    for (const row of gone) if (context.sight.canSee(row)) dead.push(yield* leftBy(row));
    const isDue =
      gone.length > 0 ||
      (yield* heldByNobody()).length > 0 ||
      (yield* isAnyDue(context.now)) !== undefined ||
      (dropNothing !== true && (yield* hasOutdated(context)));
    return { isDue, dead };
  },
};

/** Those that are known to be dead. */
export function* deadWorkers(context: Context): Program<WorkerRow[]> {
  return (yield* facts(context)).workers.flatMap(({ row, alive }) => (alive ? [] : [row]));
}

/** What a dead worker has left running. */
export function* leftBy({ id, pid, start_time }: WorkerRow): Program<DeadWorker> {
  return { worker: id, pid, start_time, groups: yield* groupsOf(id) };
}
