/** Decides what nobody has to ask for: the attempts of dead workers, times that are over, records to drop. */
import { decide } from '../../core/index.ts';
import { facts, isLocal } from '../facts.ts';
import { killGroup } from '../process.ts';
import { holdOf, isReadable, TASK_COLUMNS, type TaskRow } from '../rows.ts';
import type { WorkerRow } from '../types.ts';
import { settle } from './family.ts';
import type { Context, Operation } from './operation.ts';
import { dropOutdated, hasOutdated } from './retain.ts';

/** Milliseconds for what `prepare` did not see, its worker having died since: others wait for the write lock. */
const PATIENCE = 500;

/** How many tasks one call expires at most, so that no verb waits for a large sweep. */
const BATCH = 500;

export const due: Operation<'due'> = {
  kind: 'write',
  prepare: (context) => {
    const dead = deadWorkers(context);
    for (const worker of dead) killGroups(context, worker);
    return dead.length > 0 || heldByNobody(context).length > 0 || timeIsOver(context) || hasOutdated(context);
  },
  idle: 0,
  bestEffort: 'current',
  isShared: true,
  isOwed: true,
  run: (context) => {
    const gone = deadWorkers(context).reduce((sum, worker) => sum + buryWorker(context, worker), 0);
    return gone + loseOrphans(context) + expire(context) + dropOutdated(context);
  },
};

const deadWorkers = (context: Context): WorkerRow[] =>
  facts(context).workers.flatMap(({ row, alive }) => (alive ? [] : [row]));

/** Kills what a dead worker left running. Only where its pids mean the same processes as here. */
export function killGroups({ db }: Context, worker: WorkerRow, patience?: number): boolean {
  if (!isLocal(worker)) return false;
  const groups = db.all<{ pgid: number; start_time: string }>('SELECT * FROM groups WHERE worker = ?', worker.id);
  return groups.map(({ pgid, start_time }) => killGroup(pgid, start_time, worker.id, patience)).every(Boolean);
}

/** Decides the attempts of a dead worker, then forgets it. Its groups are dead before. */
function buryWorker(context: Context, worker: WorkerRow): number {
  const stopped = killGroups(context, worker, PATIENCE);
  const reason = isLocal(worker) ? 'worker_gone' : 'lease_expired';
  const rows = context.db.all<Found>('SELECT seq FROM tasks WHERE worker = ?', worker.id);
  forEach(context, rows, (row) => lose(context, row, reason, stopped));
  context.db.run('DELETE FROM groups WHERE worker = ?', worker.id);
  context.db.run('DELETE FROM workers WHERE id = ?', worker.id);
  return rows.length;
}

type Found = Pick<TaskRow, 'seq'>;

/** Reads each one when it is its turn: what was decided of a parent may have changed its children. */
function forEach(context: Context, found: readonly Found[], decideOne: (row: TaskRow) => void): void {
  for (const { seq } of found) {
    const row = context.db.get<TaskRow>(`SELECT ${TASK_COLUMNS} FROM tasks WHERE seq = ?`, seq);
    if (row !== undefined) decideOne(row);
  }
}

const heldByNobody = ({ db }: Context): Found[] =>
  db.all<Found>(
    `SELECT seq FROM tasks WHERE worker IS NOT NULL AND worker NOT IN (SELECT id FROM workers) LIMIT ${BATCH}`,
  );

/** Attempts whose worker has no row any more; its groups were removed with it. */
function loseOrphans(context: Context): number {
  const rows = heldByNobody(context);
  forEach(context, rows, (row) => lose(context, row, 'worker_gone', false));
  return rows.length;
}

function lose(context: Context, row: TaskRow, reason: 'worker_gone' | 'lease_expired', stopped: boolean): void {
  const { db, now } = context;
  const hold = holdOf(row.record);
  if (hold === null || !isReadable(row)) {
    // Its record cannot be read, so nothing can be decided; it must not be looked at for ever.
    db.run('UPDATE tasks SET worker = NULL WHERE seq = ?', row.seq);
    return;
  }
  const { attempt, epoch } = hold;
  const decided = decide(row.record, { command: 'lose', attempt, epoch, reason, stopped }, now);
  if (decided.changed) settle(context, row, decided);
}

const timeIsOver = ({ db, now }: Context): boolean =>
  db.get('SELECT 1 FROM tasks WHERE due_at <= ? LIMIT 1', now) !== undefined;

function expire(context: Context): number {
  const { db, now } = context;
  const rows = db.all<Found>(`SELECT seq FROM tasks WHERE due_at <= ? LIMIT ${BATCH}`, now);
  forEach(context, rows, (row) => {
    if (isReadable(row)) settle(context, row, decide(row.record, { command: 'due' }, now));
    else db.run('UPDATE tasks SET due_at = NULL WHERE seq = ?', row.seq);
  });
  return rows.length;
}
