import { decide } from '../../core/index.ts';
import type { Database } from '../database.ts';
import { boundOf } from '../environment.ts';
import { holdOf, isReadable, readHanded, TASK_COLUMNS, type TaskRow, writeDecided } from '../rows.ts';
import type { Claimed, ReadyChild } from '../types.ts';
import { giveBack } from './lend.ts';
import type { Context, Operation } from './operation.ts';
import { isClaimable } from './poll.ts';
import { mayStart, roomOf } from './room.ts';
import { READY, READY_ONE, stateOf } from './runnable.ts';
import { noteGroup } from './workers.ts';

/**
 * Gives lent slots back, then takes ready tasks, unless the worker is not registered (any more) or stopping: higher
 * priority first, then answered ones, then the order of creation.
 */
export const claim: Operation<'claim'> = {
  kind: 'write',
  prepare: (context, { worker, without = [] }) => isClaimable(context, worker, without),
  idle: { started: [], returned: [] },
  run: (context, { worker, without = [], children = [] }) => {
    const returned = giveBack(context, worker);
    if (stateOf(context, worker) !== 'live') return { started: [], returned };
    letDueOnesIn(context);
    const room = Math.max(0, roomOf(context, worker).own);
    const started = startReady(context, worker, room, seqsOf(context, without));
    return { started: noteGroups(context, worker, started, children), returned };
  },
};

/** From here on they stand among the others, at the place that their creation gives them (rule O4). */
function letDueOnesIn({ db, now }: Context): void {
  db.run('UPDATE tasks SET later = 0 WHERE later = 1 AND run_at <= ?', now);
}

const seqsOf = ({ db }: Context, ids: readonly string[]): number[] =>
  ids.flatMap((id) => db.get<{ seq: number }>('SELECT seq FROM tasks WHERE id = ?', id)?.seq ?? []);

function startReady(context: Context, worker: string, room: number, without: readonly number[]): Claimed[] {
  const started: Claimed[] = [];
  const passOver = [...without]; // nor must what cannot be read keep the others from being run
  while (started.length < room) {
    const rows = readyOnes(context, worker, room - started.length, passOver);
    if (rows.length === 0) break;
    for (const row of rows) {
      if (!isReadable(row)) passOver.push(row.seq);
      // Those behind it are of no higher priority, so it is not their turn either.
      else if (!mayStart(context, worker, row)) return started;
      else if (isStillReady(context, worker, row)) started.push(start(context, row, worker));
    }
  }
  return started;
}

/**
 * Each child works for its task from this very commit on: one that has run the like of it, else one that is new. Which is the
 * right one the worker knows only when it has looked at the recipe; another one it notes by `useGroup`.
 */
function noteGroups(context: Context, worker: string, started: Claimed[], children: readonly ReadyChild[]): Claimed[] {
  const left = [...children];
  return started.map((claimed) => {
    if (claimed.goesOn || claimed.fit === null) return claimed;
    const child = left.find(({ fit }) => fit === claimed.fit) ?? left.find(({ fit }) => fit === null);
    if (child === undefined || !noteGroup(context.db, worker, child.pgid, claimed.id)) return claimed;
    left.splice(left.indexOf(child), 1);
    return { ...claimed, pgid: child.pgid };
  });
}

type Ready = TaskRow & { priority: number; head: number; env_notes: string | null };

const readyOnes = ({ db, now }: Context, worker: string, limit: number, passOver: readonly number[]): Ready[] =>
  db.all<Ready>(
    `SELECT ${TASK_COLUMNS}, priority, head, env_notes FROM ${READY} AND seq NOT IN (SELECT value FROM json_each(?3))
     ORDER BY priority DESC, head DESC, seq LIMIT ?4 + 0`,
    worker,
    now,
    JSON.stringify(passOver),
    limit,
  );

/** The start of another one may have filled the limit of their recipe. */
const isStillReady = ({ db, now }: Context, worker: string, { seq }: TaskRow): boolean =>
  db.get(`SELECT 1 FROM ${READY_ONE}`, worker, now, seq) !== undefined;

function start({ db, now }: Context, row: Ready, worker: string): Claimed {
  const goesOn = holdOf(row.record)?.worker === worker;
  const decided = decide(row.record, { command: 'start', worker }, now);
  writeDecided(db, row.seq, decided, row.seen_at);
  const { attempt, epoch } = holdOf(decided.record) ?? { attempt: 0, epoch: 0 };
  const handed = readHanded(db, row.seq, ['input', 'config']);
  const { environment, bound } = row;
  return {
    id: row.id,
    attempt,
    epoch,
    record: decided.record,
    ...handed,
    environment: environment === null ? null : environmentData(db, environment),
    bound: boundOf(bound),
    envNote: goesOn ? null : takeNote(db, row),
    goesOn,
    fit: row.code === null ? [row.recipe, environment, bound].join('\n') : null,
    pgid: null,
  };
}

const environmentData = (db: Database, id: string): string | null =>
  db.get<{ data: string }>('SELECT data FROM environments WHERE id = ?', id)?.data ?? null;

/** It is told once, in the log of the attempt that starts. */
function takeNote(db: Database, { seq, env_notes }: Ready): string | null {
  if (env_notes !== null) db.run('UPDATE tasks SET env_notes = NULL WHERE seq = ?', seq);
  return env_notes;
}
