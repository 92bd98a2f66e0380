/** Schedules: kept, looked at, changed. Every change counts `epoch` up, and one that was made for another is refused. */
import { ConflictError } from '../../errors/refusal.ts';
import type { Program } from '../../ports/backend.ts';
import { facts } from '../facts.ts';
import {
  allSchedules,
  nextSchedule,
  putSchedule,
  removeSchedule,
  scheduleById,
  scheduleByName,
  schedulesDue,
  schedulesQueued,
  unstopped,
} from '../sql/schedules.ts';
import type { NewSchedule, ScheduleRow, WorkerRow } from '../types.ts';
import type { Context, Operation } from './operation.ts';
import { isServed, startStandby } from './standby.ts';

/** Writes it as it is. */
export const writeSchedule = (row: ScheduleRow) =>
  putSchedule(
    row.id,
    row.name,
    row.state,
    row.runner,
    row.code,
    row.data,
    row.epoch,
    row.next_at,
    row.due_at,
    row.queued,
    row.tasks,
    row.last_at,
    row.last_task,
    row.last_error,
    row.fired,
    row.skipped,
    row.failures,
    row.owner,
    row.lease_until,
    row.created_at,
  );

export const addSchedule: Operation<'addSchedule'> = {
  kind: 'write',
  *run(context, { schedule, replace, start }) {
    const known = yield* scheduleByName(schedule.name);
    if (known !== undefined && !replace) throw taken(known);
    if (known !== undefined) yield* removeSchedule(known.id);
    const row: ScheduleRow = { ...FRESH, ...schedule, epoch: (known?.epoch ?? 0) + 1 };
    yield* writeSchedule(row);
    return { row, spawn: yield* startOne(context, row, start) };
  },
};

const FRESH: Omit<ScheduleRow, keyof NewSchedule | 'epoch'> = {
  state: 'active',
  queued: null,
  tasks: '[]',
  last_at: null,
  last_task: null,
  last_error: null,
  fired: 0,
  skipped: 0,
  failures: 0,
  owner: null,
  lease_until: 0,
};

const taken = ({ id, name }: ScheduleRow): ConflictError =>
  new ConflictError(`name: there is a schedule '${name}' already; remove it, or replace it`, {
    details: { schedule_id: id, name },
  });

/** For one that is to be submitted by a worker of folders. */
function* startOne(context: Context, { runner, due_at }: ScheduleRow, start: WorkerRow | null): Program<boolean> {
  return start !== null && runner === 'worker' && due_at !== null && (yield* startStandby(context, start));
}

export const schedules: Operation<'schedules'> = {
  kind: 'read',
  *run(context, { which }) {
    const rows = which === null ? yield* allSchedules() : yield* one(which);
    const byFolders = yield* isServed(context);
    const { workers } = yield* facts(context);
    const has = (code: string): boolean =>
      workers.some(({ claims, row }) => claims && row.state !== 'stopping' && row.recipes.includes(code));
    const isFired = ({ runner, code }: ScheduleRow): boolean =>
      runner === 'loop' || (code === null ? byFolders : has(code));
    return rows.map((row) => ({ row, served: isFired(row) }));
  },
};

function* one(which: string): Program<ScheduleRow[]> {
  const found = (yield* scheduleById(which)) ?? (yield* scheduleByName(which));
  return found === undefined ? [] : [found];
}

export const changeSchedule: Operation<'changeSchedule'> = {
  kind: 'write',
  *run(context, { id, epoch, change, start }) {
    const known = yield* scheduleById(id);
    if (known === undefined || known.epoch !== epoch) return null;
    if (change === null) {
      yield* removeSchedule(id);
      return { row: known, spawn: false };
    }
    const row = { ...known, ...change, epoch: epoch + 1, owner: null, lease_until: 0 };
    yield* writeSchedule(row);
    return { row, spawn: yield* startOne(context, row, start) };
  },
};

export const dueSchedules: Operation<'dueSchedules'> = {
  kind: 'read',
  *run({ now }, { by, codes }) {
    const has = JSON.stringify(codes);
    const rows = yield* schedulesDue(by, has, now);
    for (const row of yield* schedulesQueued(by, has, now)) {
      if (!rows.some(({ id }) => id === row.id) && (yield* liveTasks(row)).length === 0) rows.push(row);
    }
    return { rows, nextAt: rows.length > 0 ? now : ((yield* nextSchedule(by, has, now))?.at ?? null) };
  },
};

/** Ids of its tasks that have not ended, or whose work has not stopped. */
export function* liveTasks({ tasks }: ScheduleRow): Program<string[]> {
  return tasks === '[]' ? [] : (yield* unstopped(tasks)).map(({ id }) => id);
}

export const holdSchedule: Operation<'holdSchedule'> = {
  kind: 'write',
  silent: true,
  *run({ now }, { id, epoch, owner, lease }) {
    const known = yield* scheduleById(id);
    if (known === undefined || known.epoch !== epoch) return null;
    if (known.owner !== owner && known.lease_until > now) return null;
    const row = { ...known, owner, lease_until: now + lease };
    yield* writeSchedule(row);
    return row;
  },
};
