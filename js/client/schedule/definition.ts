/** From what a user asks of a schedule to what is stored, and back. */
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { parseDuration } from '../../core/index.ts';
import { seconds } from '../../core/options.ts';
import { invalid } from '../../errors/index.ts';
import { type Course, courseOf } from '../../schedule/course.ts';
import { coming, MOST_CAUGHT_UP } from '../../schedule/due.ts';
import { planOf } from '../../schedule/forms.ts';
import { isoMoment } from '../../schedule/iso.ts';
import type { Plan } from '../../schedule/plan.ts';
import { checkedZone, systemZone } from '../../schedule/zone.ts';
import type { NewSchedule, ScheduleRow } from '../../store/types.ts';
import { checkKey, checkKeys, checkNumber, checkObject, isObject } from '../../wire/check.ts';
import {
  OVERLAPS,
  type ScheduleCatchUp,
  type ScheduledRequest,
  type ScheduleOverlap,
  type ScheduleRequest,
  type ScheduleSettings,
  type ScheduleUpdate,
} from '../../wire/schedule.ts';
import { serialize } from '../../wire/serialize.ts';
import { knowRecipe } from '../known-recipes.ts';
import type { VerbContext } from '../verb-context.ts';
import { prepareTask } from '../verbs/prepare.ts';
import { REQUEST_KEYS } from '../verbs/request.ts';
import type { SubmitRequest } from '../verbs.ts';
import { openedRequest, sealedRequest } from './sealed.ts';

/** What is stored of it, as JSON. Times are milliseconds since the epoch. */
export interface Definition {
  when: string;
  plan: Plan;
  zone: string;
  /** The phase of an interval. */
  anchor: number;
  catch_up: ScheduleCatchUp;
  overlap: ScheduleOverlap;
  /** Milliseconds. */
  jitter: number;
  starts: number | null;
  ends: number | null;
  limit: number | null;
  /** Without what is sealed. */
  request: ScheduledRequest | null;
  /** What of the request went through a codec, see `sealed.ts`. */
  sealed?: string;
  message: string | null;
}

export const definitionOf = ({ data }: Pick<ScheduleRow, 'data'>): Definition => JSON.parse(data);

/** Its moments. */
export const courseFor = ({ plan, ...bounds }: Definition): Promise<Course> => courseOf(plan, bounds);

const SETTING_KEYS: Record<keyof ScheduleSettings, true> = {
  zone: true,
  catchUp: true,
  overlap: true,
  jitter: true,
  starts: true,
  ends: true,
  limit: true,
};
const UPDATE_KEYS: Record<keyof ScheduleUpdate, true> = { ...SETTING_KEYS, when: true, request: true, message: true };
const ADD_KEYS: Record<keyof ScheduleRequest, true> = { ...UPDATE_KEYS, name: true, replace: true };

/** A schedule that is to be added; all of it is checked, also what it submits. */
export async function newSchedule(context: VerbContext, asked: ScheduleRequest, now: number): Promise<NewSchedule> {
  checkObject('schedule', asked, ADD_KEYS);
  const name = checkKey('name', asked.name);
  if (/^sched_[0-9a-f]{16}$/.test(name)) throw invalid('name', name, 'a name that is no id');
  const { replace: _, name: __, ...rest } = asked;
  const definition = await defined(context, rest, undefined, now);
  const id = `sched_${randomBytes(8).toString('hex')}`;
  return { id, name, created_at: now, ...(await stored(context, id, definition, now)) };
}

/** What is stored of one that is changed: moments that have been do not come again. */
export async function changedSchedule(
  context: VerbContext,
  row: ScheduleRow,
  change: ScheduleUpdate,
  now: number,
): Promise<Pick<ScheduleRow, 'data' | 'runner' | 'code' | 'next_at' | 'due_at'>> {
  checkObject('change', change, UPDATE_KEYS);
  const definition = await defined(context, change, await before(context, row, change), now);
  const isTimedAnew = change.when !== undefined || change.zone !== undefined || change.starts !== undefined;
  const isDue = !isTimedAnew && row.state === 'active' && row.next_at !== null && row.next_at <= now;
  const after = isDue ? (row.next_at as number) - 1 : Math.max(now, row.last_at ?? now); // what has come stays due
  return stored(context, row.id, definition, after);
}

/** As it was; its request is opened where it stays. */
async function before(context: VerbContext, row: ScheduleRow, change: ScheduleUpdate): Promise<Definition> {
  const definition = definitionOf(row);
  if (change.request !== undefined || change.message !== undefined) return definition;
  return { ...definition, request: await openedRequest(context, definition) };
}

/** Who submits for it, and what is next after that time. */
async function stored(context: VerbContext, id: string, definition: Definition, after: number) {
  const { request, jitter } = definition;
  const next = (await courseFor(definition)).next(after);
  if (next === null) throw invalid('when', definition.when, 'a moment that is to come, from its start to its end');
  const code = request === null ? null : (await prepareTask(context, request)).code;
  const runner = request === null ? 'loop' : code === null ? 'worker' : 'code';
  const { nextAt, dueAt } = coming({ id, jitter }, next);
  const data = serialize({ ...definition, ...(await sealedRequest(context, request)) }, 'schedule');
  return { data, runner, code, next_at: nextAt, due_at: dueAt } as const;
}

async function defined(
  context: VerbContext,
  asked: ScheduleUpdate,
  before: Definition | undefined,
  now: number,
): Promise<Definition> {
  const zone = asked.zone === undefined ? (before?.zone ?? systemZone()) : checkedZone(asked.zone);
  const isAnew = before === undefined || asked.when !== undefined;
  const readAnew = isAnew || (asked.zone !== undefined && zone !== before.zone);
  const when = isAnew ? asked.when : before.when;
  const plan = readAnew ? await planOf(when, { zone, now }) : before.plan;
  return {
    when: String(when).trim(),
    plan,
    zone,
    anchor: isAnew ? now : before.anchor,
    catch_up: asked.catchUp === undefined ? (before?.catch_up ?? 'one') : checkedCatchUp(asked.catchUp),
    overlap: asked.overlap === undefined ? (before?.overlap ?? 'skip') : checkedOverlap(asked.overlap),
    jitter: asked.jitter === undefined ? (before?.jitter ?? 0) : seconds(asked.jitter, 'jitter', parseDuration) * 1000,
    starts: bound('starts', asked.starts, before?.starts, zone),
    ends: bound('ends', asked.ends, before?.ends, zone),
    limit: limitOf(asked.limit, before?.limit),
    ...whatOf(context, asked, before),
  };
}

export function checkedCatchUp(value: unknown): ScheduleCatchUp {
  if (value === 'one' || value === 'none') return value;
  if (typeof value === 'number') return checkNumber('catchUp', value, 1, MOST_CAUGHT_UP);
  throw invalid('catchUp', value, `'one', 'none', or a number from 1 to ${MOST_CAUGHT_UP}`);
}

function checkedOverlap(value: unknown): ScheduleOverlap {
  const found = OVERLAPS.find((one) => one === value);
  if (found === undefined) throw invalid('overlap', value, OVERLAPS.join(', '));
  return found;
}

function bound(option: string, value: ScheduleSettings['starts'], before: number | null = null, zone: string) {
  if (value === undefined) return before;
  if (value === null) return null;
  const at = typeof value === 'string' ? isoMoment(value, zone) : Number(value);
  if (at !== undefined && Number.isFinite(at)) return at;
  throw invalid(option, String(value), 'a date, as 2027-01-31T09:00');
}

function limitOf(value: unknown, before: number | null = null): number | null {
  if (value === undefined) return before;
  return value === null ? null : checkNumber('limit', value, 1);
}

/** One of the two. */
function whatOf(
  context: VerbContext,
  { request, message }: ScheduleUpdate,
  before: Definition | undefined,
): Pick<Definition, 'request' | 'message'> {
  if (request !== undefined && message !== undefined) throw invalid('message', message, 'none beside a request');
  if (message !== undefined) {
    if (typeof message !== 'string' || message === '') throw invalid('message', message, 'a text');
    return { message, request: null };
  }
  if (request !== undefined) return { request: checkedRequest(context, request), message: null };
  if (before !== undefined) return { request: before.request, message: before.message };
  throw invalid('request', request, 'what to submit, or a message');
}

/** What the schedule says itself, or what belongs to another task. */
const NOT_HERE = ['delay', 'runAt', 'idempotencyKey', 'parent', 'onComplete'] as const;

/** As it can be submitted from anywhere: folders are those of here. */
function checkedRequest(context: VerbContext, request: unknown): ScheduledRequest {
  if (!isObject(request)) throw invalid('request', request, 'what to submit, as a submit takes it');
  checkKeys(request, REQUEST_KEYS, 'request');
  for (const option of NOT_HERE) {
    if (request[option] !== undefined)
      throw invalid(`request.${option}`, request[option], 'nothing: the schedule says when');
  }
  const asked = request as SubmitRequest;
  if (asked.onConflict === 'reject')
    throw invalid('request.onConflict', 'reject', 'none that refuses: overlap says that');
  return placed(context, asked);
}

function placed(context: VerbContext, asked: SubmitRequest): ScheduledRequest {
  const { recipe, command } = asked;
  const { cwd } = context;
  const named = typeof recipe === 'object' ? recipe.name : recipe;
  if (typeof recipe === 'object') knowRecipe(context, recipe);
  const isPath = typeof named === 'string' && /^\.{1,2}\//.test(named);
  return {
    ...(asked as ScheduledRequest),
    ...(named === undefined ? {} : { recipe: isPath ? resolve(cwd, named) : named }),
    ...(command === undefined ? {} : { cwd: resolve(cwd, asked.cwd ?? '.') }),
  };
}
