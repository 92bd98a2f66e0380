import { decide } from '../../core/index.ts';
import { holdOf, readPayloads, TASK_COLUMNS, type TaskRow, writeDecided } from '../rows.ts';
import type { Claimed } from '../types.ts';
import type { Context, Operation } from './operation.ts';
import { isRegistered, READY } from './runnable.ts';

/** Takes ready tasks, unless the worker is not registered (any more): higher priority first, then resumed ones, then the order of creation. */
export const claim: Operation<'claim'> = {
  kind: 'write',
  run: (context, { worker, limit }) => {
    if (!isRegistered(context, worker)) return [];
    const claimed: Claimed[] = [];
    // One at a time: each start counts against the limit of its recipe.
    for (let row = next(context, worker); row && claimed.length < limit; row = next(context, worker)) {
      claimed.push(start(context, row, worker));
    }
    return claimed;
  },
};

const next = ({ db, now }: Context, worker: string): TaskRow | undefined =>
  db.get<TaskRow>(
    `SELECT ${TASK_COLUMNS} FROM tasks WHERE ${READY} ORDER BY priority DESC, head DESC, seq LIMIT 1`,
    worker,
    now,
  );

function start({ db, now }: Context, row: TaskRow, worker: string): Claimed {
  const decided = decide(row.record, { command: 'start', worker }, now);
  writeDecided(db, row.seq, decided, row.seen_at);
  const { attempt, epoch } = holdOf(decided.record) ?? { attempt: 0, epoch: 0 };
  const payloads = readPayloads(db, row.seq, ['input', 'config']);
  return { id: row.id, attempt, epoch, record: decided.record, payloads };
}
