import { decide } from '../../core/index.ts';
import { holdOf, isReadable, readPayloads, TASK_COLUMNS, type TaskRow, writeDecided } from '../rows.ts';
import type { Claimed } from '../types.ts';
import type { Context, Operation } from './operation.ts';
import { mayClaim, READY } from './runnable.ts';

/** Takes ready tasks, unless the worker is not registered (any more) or stopping: higher priority first, then resumed ones, then the order of creation. */
export const claim: Operation<'claim'> = {
  kind: 'write',
  run: (context, { worker, limit }) => {
    if (!mayClaim(context, worker)) return [];
    const claimed: Claimed[] = [];
    const unreadable: number[] = [];
    // One at a time: each start counts against the limit of its recipe.
    while (claimed.length < limit) {
      const row = next(context, worker, unreadable);
      if (row === undefined) break;
      if (isReadable(row)) claimed.push(start(context, row, worker));
      else unreadable.push(row.seq); // it must not keep the others from being run
    }
    return claimed;
  },
};

const next = ({ db, now }: Context, worker: string, passOver: readonly number[]): TaskRow | undefined =>
  db.get<TaskRow>(
    `SELECT ${TASK_COLUMNS} FROM ${READY} AND seq NOT IN (SELECT value FROM json_each(?))
     ORDER BY priority DESC, head DESC, seq LIMIT 1`,
    worker,
    now,
    now,
    JSON.stringify(passOver),
  );

function start({ db, now }: Context, row: TaskRow, worker: string): Claimed {
  const decided = decide(row.record, { command: 'start', worker }, now);
  writeDecided(db, row.seq, decided, row.seen_at);
  const { attempt, epoch } = holdOf(decided.record) ?? { attempt: 0, epoch: 0 };
  const payloads = readPayloads(db, row.seq, ['input', 'config']);
  return { id: row.id, attempt, epoch, record: decided.record, payloads };
}
