import type { Program } from '../../ports/backend.ts';
import { keepClock } from '../clock.ts';
import { LEASE, START_LEASE } from '../facts.ts';
import { forgetWorkers } from '../notes.ts';
import { isBusy } from '../sql/claim.ts';
import {
  forgetValues,
  giveGroup,
  putGroup,
  putWorker,
  removeGroupOf,
  removeGroups,
  removeWorker,
  renewLease,
  startedAs,
  stopWorker,
  takeGroup,
} from '../sql/workers.ts';
import type { WorkerRow } from '../types.ts';
import type { Context, Operation } from './operation.ts';
import { isToStay } from './stays.ts';
import { holdAll } from './values.ts';

/** Inserts the row of a worker that is about to be started; it counts as living for `START_LEASE` from the commit. */
export const insertStarting = (context: Context, row: WorkerRow): Program<void> =>
  insertWorker(context, { ...row, state: 'starting' }, START_LEASE);

/** Inserts a worker's row, or replaces the one of that id, with a lease of so many milliseconds. */
function* insertWorker(context: Context, row: WorkerRow, lease: number): Program<void> {
  const { now, mono } = context;
  forgetWorkers(context);
  yield* putWorker(
    row.id,
    row.boot,
    row.pid_ns,
    row.time_ns,
    row.pid,
    row.start_time,
    row.host,
    row.state,
    row.concurrency,
    row.max_concurrent,
    JSON.stringify(row.env),
    row.folders ? 1 : 0,
    JSON.stringify(row.recipes),
    now + lease,
    mono + lease,
    row.started_at,
    row.socket ?? null,
    row.value_key ?? null,
    row.place ?? null,
    JSON.stringify(row.found ?? []),
  );
  yield* forgetValues(row.id);
  yield* holdAll(row.id, row.values ?? []);
}

export const register: Operation<'register'> = {
  kind: 'write',
  *run(context, { row }) {
    yield* insertWorker(context, { ...row, state: 'live' }, LEASE);
    yield* keepClock(context);
  },
};

export const spawned: Operation<'spawned'> = {
  kind: 'write',
  silent: true,
  *run(context, { worker, pid, start_time }) {
    forgetWorkers(context);
    yield* startedAs(pid, start_time, worker);
  },
};

export const renew: Operation<'renew'> = {
  kind: 'write',
  silent: true,
  *run(context, { worker }) {
    forgetWorkers(context);
    yield* renewLease(context.now + LEASE, context.mono + LEASE, worker);
    yield* keepClock(context);
  },
};

export const stopping: Operation<'stopping'> = {
  kind: 'write',
  silent: true,
  *run(context, { worker }) {
    forgetWorkers(context);
    yield* stopWorker(worker);
  },
};

export const leave: Operation<'leave'> = {
  kind: 'write',
  silent: true,
  *run(context, { worker, force }) {
    forgetWorkers(context);
    if (!force && ((yield* isBusy(worker)) !== undefined || (yield* isToStay(context, worker)))) return false;
    yield* removeGroups(worker);
    yield* removeWorker(worker);
    return true;
  },
};

export const addGroup: Operation<'addGroup'> = {
  kind: 'write',
  silent: true,
  *run(_, { worker, group: { pgid, start_time } }) {
    yield* putGroup(worker, pgid, start_time);
  },
};

export const useGroup: Operation<'useGroup'> = {
  kind: 'write',
  silent: true,
  *run(_, { worker, pgid, task }) {
    yield* takeGroup(worker, task); // another one was noted first
    yield* giveGroup(task, worker, pgid);
  },
};

export const removeGroup: Operation<'removeGroup'> = {
  kind: 'write',
  silent: true,
  *run(_, { worker, pgid }) {
    yield* removeGroupOf(worker, pgid);
  },
};
