/** Which values of environment variables a worker has. */
import { boundOf } from '../environment.ts';
import { facts } from '../facts.ts';
import { needsOf, storedTask, TASK_COLUMNS, type TaskRow } from '../rows.ts';
import type { EnvValue } from '../types.ts';
import type { Context, Operation } from './operation.ts';
import { holdAll } from './workers.ts';

export const hold: Operation<'hold'> = {
  kind: 'write',
  run: ({ db }, { worker, values }) => holdAll(db, worker, values),
};

const IS_LIVE = "status IN ('pending', 'running', 'input_required')";

/** Together with what was taken by name of tasks that have ended. */
export const release: Operation<'release'> = {
  kind: 'write',
  silent: true,
  run: ({ db }, { worker, values }) => {
    const bound = db.all<{ bound: string }>(`SELECT DISTINCT bound FROM tasks WHERE ${IS_LIVE} AND bound IS NOT NULL`);
    const needed = new Set(bound.flatMap((row) => boundOf(row.bound).map(({ hash }) => hash)));
    const free: EnvValue[] = values.filter(({ hash }) => !needed.has(hash));
    for (const { name, hash } of free) {
      db.run('DELETE FROM worker_values WHERE worker = ? AND name = ? AND hash = ?', worker, name, hash);
    }
    db.run(
      `DELETE FROM worker_values WHERE worker = ? AND name = '' AND hash NOT IN (SELECT id FROM tasks WHERE ${IS_LIVE})`,
      worker,
    );
    return free;
  },
};

/** Tasks looked at by one call; those behind them have their turn when these have gone. */
const BATCH = 100;

export const stranded: Operation<'stranded'> = {
  kind: 'read',
  run: (context, { worker }) => {
    const known = facts(context);
    const own = known.workers.find(({ row }) => row.id === worker)?.row.env ?? [];
    return dueAndBound(context)
      .filter((row) => needsOf(row).env.every((name) => own.includes(name)))
      .filter((row) => !storedTask(context.db, row, [], known).runnable)
      .map(({ id }) => id);
  },
};

const dueAndBound = ({ db, now }: Context): TaskRow[] =>
  db.all<TaskRow>(
    `SELECT ${TASK_COLUMNS} FROM tasks
     WHERE status = 'pending' AND bound IS NOT NULL AND code IS NULL AND run_at <= ? ORDER BY seq LIMIT ${BATCH}`,
    now,
  );

export const takeByName: Operation<'takeByName'> = {
  kind: 'write',
  run: ({ db }, { worker, ids }) =>
    holdAll(
      db,
      worker,
      ids.map((id) => ({ name: '', key: '', hash: id })),
    ),
};
