/**
 * Submits for moments of a schedule: the tasks, and what comes next, in one transaction.
 *
 * 1. Whoever is late finds another `epoch`, and has done nothing. So each moment has one task at most.
 * 2. The key of a task says schedule and moment: a file that was restored submits none twice that is still there.
 */
import type { Program } from '../../ports/backend.ts';
import { queuedOf } from '../queued.ts';
import { scheduleById } from '../sql/schedules.ts';
import { taskById } from '../sql/tasks.ts';
import type { Firing, NewTask, ScheduleRow, Submitted } from '../types.ts';
import { changeOne } from './change.ts';
import type { Context, Operation } from './operation.ts';
import { decideOverlap } from './overlap.ts';
import { liveTasks, writeSchedule } from './schedules.ts';
import { submitAll } from './submit.ts';

/** So many failures in a row break it. */
const MOST_FAILURES = 10;
/** The longest list of tasks that is remembered: without it, live ones of long ago are not seen. */
const MOST_TASKS = 1000;

export const fire: Operation<'fire'> = {
  kind: 'write',
  *run(context, firing) {
    const known = yield* scheduleById(firing.id);
    if (known === undefined || known.epoch !== firing.epoch) return null;
    const next = advanced(known, firing);
    const { task } = firing;
    return task === null ? yield* told(next, firing) : yield* submitted(context, next, firing, task);
  },
};

function advanced(known: ScheduleRow, { moments, next_at, due_at, state, skipped }: Firing): ScheduleRow {
  return {
    ...known,
    epoch: known.epoch + 1,
    state,
    next_at,
    due_at,
    skipped: known.skipped + skipped,
    last_at: Math.max(moments.at(-1) ?? 0, known.last_at ?? 0) || null,
    owner: null,
    lease_until: 0,
  };
}

/** None is submitted: they were told by a loop, or could not be prepared. */
function* told(row: ScheduleRow, firing: Firing): Program<ReturnType<typeof answer>> {
  const { moments, error } = firing;
  const isFailure = error !== null && row.runner !== 'loop';
  const failures = isFailure ? row.failures + 1 : 0;
  const isBroken = failures >= MOST_FAILURES;
  const next: ScheduleRow = {
    ...row,
    last_error: error,
    failures,
    fired: row.fired + (isFailure ? 0 : moments.length),
    queued: null,
    ...(isBroken && row.state === 'active' ? { state: 'broken', due_at: null } : {}),
  };
  return answer(yield* kept(next, firing), NOTHING);
}

const NOTHING: Submitted = { tasks: [], spawn: false, unheld: [] };

const answer = (row: ScheduleRow, { tasks, spawn, unheld }: Submitted) => ({ row, tasks, spawn, unheld });

function* submitted(
  context: Context,
  row: ScheduleRow,
  firing: Firing,
  task: NewTask,
): Program<ReturnType<typeof answer>> {
  const { overlap, moments, start } = firing;
  const live = yield* liveTasks(row);
  const before = queuedOf(row);
  const { run, queued, skipped, cancels } = decideOverlap({ overlap, live: live.length, queued: before, moments });
  if (cancels) for (const id of live) yield* cancelOne(context, id);
  const tasks = run.map((at) => taskFor(row.id, at, task));
  const done = tasks.length === 0 ? NOTHING : yield* submitAll(context, { tasks, start });
  const ids = [...live, ...done.tasks.map(({ id }) => id)].slice(-MOST_TASKS);
  const next: ScheduleRow = {
    ...row,
    tasks: JSON.stringify(ids),
    queued: queued.length === 0 ? null : JSON.stringify(queued),
    last_task: done.tasks.at(-1)?.id ?? row.last_task,
    last_error: null,
    failures: 0,
    fired: row.fired + done.tasks.length,
    skipped: row.skipped + skipped,
  };
  return answer(yield* kept(next, firing), done);
}

/** Writes it; one that has had all of its tasks has ended. */
function* kept(row: ScheduleRow, { limit }: Firing): Program<ScheduleRow> {
  const isDone = limit !== null && row.fired + queuedOf(row).length >= limit && row.state === 'active';
  const next: ScheduleRow = isDone ? { ...row, state: 'ended', next_at: null, due_at: null } : row;
  yield* writeSchedule(next);
  return next;
}

function* cancelOne(context: Context, id: string): Program<void> {
  if ((yield* taskById(id)) === undefined) return;
  yield* changeOne(context, { id, command: { command: 'cancel', by: 'session', reason: 'its schedule is due again' } });
}

/** The task of that moment. */
function taskFor(id: string, at: number, task: NewTask): NewTask {
  const carried = { ...task.spec.carried, schedule_id: id, scheduled_for: at };
  const idempotency_key = `schedule:${id}:${new Date(at).toISOString()}`;
  return { ...task, spec: { ...task.spec, idempotency_key, carried } };
}
