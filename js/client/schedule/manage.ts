/** What can be done with schedules. Who is changed by another one meanwhile is read anew. */
import { invalid, isTaskError, ScheduleNotFoundError } from '../../errors/index.ts';
import type { DueDone, DueFailure, ScheduleVerbs } from '../../ports/verbs.ts';
import { courseOf } from '../../schedule/course.ts';
import { coming, dueOf } from '../../schedule/due.ts';
import { planOf } from '../../schedule/forms.ts';
import { checkedZone, systemZone } from '../../schedule/zone.ts';
import { queuedOf } from '../../store/queued.ts';
import type { Fired, ScheduleChange, ScheduleRow, ShownSchedule, WorkerRow } from '../../store/types.ts';
import type { Submitted } from '../../wire/answers.ts';
import { checkNumber, checkObject } from '../../wire/check.ts';
import { messageOf } from '../../wire/message.ts';
import { nearestOf } from '../../wire/nearest.ts';
import type { NextOptions, ResumeOptions, ScheduleJson, ScheduleRequest, ScheduleUpdate } from '../../wire/schedule.ts';
import { ensureStandby, rowForStandby } from '../staff/standby.ts';
import { afterStored } from '../staff/workers.ts';
import type { VerbContext } from '../verb-context.ts';
import { storedJson } from '../verbs/stored-json.ts';
import { changedSchedule, checkedCatchUp, courseFor, definitionOf, newSchedule } from './definition.ts';
import { fireDue, fireNow } from './fire.ts';
import { scheduleJson } from './shown.ts';

export const scheduleVerbs = (context: VerbContext): ScheduleVerbs => ({
  add: (request) => add(context, request),
  list: async () => {
    const all = await context.run('schedules', { which: null });
    return Promise.all(all.map((one) => scheduleJson(context, one)));
  },
  get: async (which) => scheduleJson(context, await find(context, which)),
  update: (which, change) => update(context, which, change),
  remove: (which) => change(context, which, async () => null),
  pause: (which) => change(context, which, paused),
  resume: (which, options) => resume(context, which, options),
  runNow: (which) => runNow(context, which),
  runDue: () => runDue(context),
  next: (when, options) => next(when, options),
});

async function add(context: VerbContext, request: ScheduleRequest): Promise<ScheduleJson> {
  const schedule = await newSchedule(context, request, Date.now());
  const start = await rowForStandby(context);
  const { row, spawn } = await context.run('addSchedule', { schedule, replace: request.replace === true, start });
  await serve(context, row, spawn ? start : null);
  return shownAgain(context, row);
}

/** Somebody is to submit for it: a worker of this process where its recipe is code, or where there are no others. */
async function serve(context: VerbContext, { runner, code }: ScheduleRow, start: WorkerRow | null): Promise<void> {
  if (runner !== 'loop') await afterStored(context, code === null ? [] : [{ recipe: code }], start);
}

/** `ScheduleNotFoundError` names the nearest one. */
async function find(context: VerbContext, which: unknown): Promise<ShownSchedule> {
  if (typeof which !== 'string' || which === '') throw invalid('schedule', which, 'the name or id of a schedule');
  const [found] = await context.run('schedules', { which });
  if (found !== undefined) return found;
  const names = (await context.run('schedules', { which: null })).map(({ row }) => row.name);
  throw new ScheduleNotFoundError(which, nearestOf(which, names), context.path);
}

/** So often it is tried anew: who changes one all the time would keep others waiting. */
const MOST_TRIES = 20;

/** What is other of one, as it stands then; null: nothing is left of it. */
type Change = (row: ScheduleRow) => Promise<ScheduleChange | null>;

async function change(context: VerbContext, which: string, how: Change): Promise<ScheduleJson> {
  for (let tries = 1; ; tries++) {
    const { row } = await find(context, which);
    const changed = await how(row);
    const start = await rowForStandby(context);
    const done = await context.run('changeSchedule', { id: row.id, epoch: row.epoch, change: changed, start });
    if (done === null && tries < MOST_TRIES) continue;
    if (done === null) throw new Error(`schedule '${which}' is changed all the time`);
    if (changed !== null && done.row.due_at !== null) await serve(context, done.row, done.spawn ? start : null);
    return changed === null ? scheduleJson(context, { row: done.row, served: true }) : shownAgain(context, done.row);
  }
}

async function shownAgain(context: VerbContext, row: ScheduleRow): Promise<ScheduleJson> {
  const [now] = await context.run('schedules', { which: row.id });
  return scheduleJson(context, { row, served: now?.served ?? true });
}

const paused: Change = async ({ state }) => {
  if (state === 'ended') throw invalid('schedule', 'one that has ended', 'one that goes on; update it to begin anew');
  return { state: 'paused', due_at: null };
};

/** One that has ended or is broken goes on with it. */
const update = (context: VerbContext, which: string, asked: ScheduleUpdate): Promise<ScheduleJson> =>
  change(context, which, async (row) => {
    const changed = await changedSchedule(context, row, asked, Date.now());
    const anew = { ...changed, failures: 0, last_error: null };
    return row.state === 'paused' ? { ...anew, due_at: null } : { ...anew, state: 'active' };
  });

async function resume(context: VerbContext, which: string, options: ResumeOptions = {}): Promise<ScheduleJson> {
  checkObject('options', options, { catchUp: true });
  const catchUp = options.catchUp === undefined ? 'none' : checkedCatchUp(options.catchUp);
  const found = await find(context, which);
  if (found.row.state === 'active') return scheduleJson(context, found); // what is being told just now is not told again
  return change(context, which, async (row) => {
    if (row.state === 'active') return {};
    if (row.state === 'ended')
      throw invalid('schedule', 'one that has ended', 'one that goes on; update it to begin anew');
    return resumed(row, catchUp, Date.now());
  });
}

/** What was missed waits as what waits for the end of a task does. */
async function resumed(row: ScheduleRow, catchUp: ResumeOptions['catchUp'], now: number): Promise<ScheduleChange> {
  const definition = definitionOf(row);
  const course = await courseFor(definition);
  const { jitter, limit } = definition;
  const before = queuedOf(row);
  const left = limit === null ? null : Math.max(0, limit - row.fired - before.length);
  const missed =
    catchUp === 'none' || catchUp === undefined
      ? []
      : dueOf(course, { id: row.id, nextAt: row.next_at, lastAt: row.last_at, catchUp, jitter, left }, now).moments;
  const queued = [...before, ...missed];
  const { nextAt, dueAt } = coming({ id: row.id, jitter }, course.next(Math.max(now, row.last_at ?? now)));
  return {
    state: nextAt === null ? 'ended' : 'active',
    next_at: nextAt,
    due_at: dueAt,
    queued: queued.length === 0 ? null : JSON.stringify(queued),
    failures: 0,
  };
}

async function runNow(context: VerbContext, which: string): Promise<Submitted[]> {
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const { row } = await find(context, which);
    if (definitionOf(row).request === null)
      throw invalid('schedule', which, 'one that submits: a message is for a ScheduleLoop');
    const start = await rowForStandby(context);
    const fired = await fireNow(context, row, { now: Date.now(), start });
    if (fired === undefined) continue;
    return begun(context, submittable(which, fired), start);
  }
  throw new Error(`schedule '${which}' is changed all the time`);
}

/**
 * Of all that are due, for whoever has no worker that stays. One that fails keeps no other from its turn; it rejects where
 * nothing at all was submitted, else what failed is told beside.
 */
async function runDue(context: VerbContext): Promise<DueDone> {
  const { rows } = await context.run('dueSchedules', { by: 'worker', codes: [...context.recipes.keys()] });
  const tasks: Submitted[] = [];
  const errors: { row: ScheduleRow; error: unknown }[] = [];
  for (const row of rows) {
    await runOne(context, row).then(
      (done) => tasks.push(...done),
      (error) => errors.push({ row, error }),
    );
  }
  if (rows.length > 0) await ensureStandby(context);
  if (tasks.length === 0 && errors[0] !== undefined) throw errors[0].error;
  const failed = errors.map(({ row, error }) => ({ schedule_id: row.id, name: row.name, error: errorFor(error) }));
  for (const { name, error } of failed) context.warn(`schedule '${name}' was not submitted for: ${error.message}`);
  return { tasks, failed };
}

async function runOne(context: VerbContext, row: ScheduleRow): Promise<Submitted[]> {
  const start = await rowForStandby(context);
  const fired = await fireDue(context, row, { now: Date.now(), start });
  return fired === undefined ? [] : begun(context, submittable(row.name, fired), start);
}

const errorFor = (error: unknown): DueFailure['error'] => ({
  code: isTaskError(error) ? error.code : 'failed',
  message: messageOf(error),
});

/** `InvalidArgumentError` where its moments could not be prepared, with why. */
function submittable(which: string, fired: Fired): Fired {
  const { last_error: why } = fired.row;
  if (why !== null) throw invalid('schedule', which, `one that can be submitted: ${why}`);
  return fired;
}

async function begun(context: VerbContext, { tasks, spawn }: Fired, start: WorkerRow | null): Promise<Submitted[]> {
  const submitted = tasks.map((task) => storedJson(task));
  await afterStored(context, submitted, spawn ? start : null);
  return submitted;
}

const NEXT_KEYS: Record<keyof NextOptions, true> = { zone: true, n: true };
const MOST_NEXT = 1000;

/** The moments of a text, from now on. */
async function next(when: string | number, options: NextOptions = {}): Promise<string[]> {
  checkObject('options', options, NEXT_KEYS);
  const zone = options.zone === undefined ? systemZone() : checkedZone(options.zone);
  const now = Date.now();
  const count = checkNumber('n', options.n ?? 5, 1, MOST_NEXT);
  const course = await courseOf(await planOf(when, { zone, now }), { zone, anchor: now });
  const moments: string[] = [];
  for (let at = course.next(now); at !== null && moments.length < count; at = course.next(at)) {
    moments.push(new Date(at).toISOString());
  }
  return moments;
}
