/** Schedules as they cross: what is asked for, and what is told of one. */
import type { TaskRequest } from './requests.ts';
import type { Undecoded } from './task.ts';
import type { Duration } from './task-handle.ts';

/** How often, and how it was said: by an interval, for once, or by the fields of cron. */
export type ScheduleKind = 'interval' | 'once' | 'cron';
/** `broken`: ten times in a row nothing could be submitted. */
export type ScheduleState = 'active' | 'paused' | 'ended' | 'broken';
/** What happens to a moment while a task of one before is live. */
export type ScheduleOverlap = 'skip' | 'queue' | 'cancel' | 'allow';
/** Of the moments that were missed: the newest, none, or so many of the newest (1 to 1,000). */
export type ScheduleCatchUp = 'one' | 'none' | number;

export const OVERLAPS: readonly ScheduleOverlap[] = ['skip', 'queue', 'cancel', 'allow'];

/** What is submitted when a moment has come: as a submit takes it, by name, without what the schedule says itself. */
export type ScheduledRequest = Omit<TaskRequest, 'delay' | 'runAt' | 'idempotencyKey' | 'parent' | 'onComplete'>;

/** How a schedule goes, beside when and what. */
export interface ScheduleSettings {
  /** In which time zone times of day are meant, by name. Default: the system's when it is added, which is kept. */
  zone?: string | undefined;
  /** What becomes of moments that were missed. `none`: those over a minute late are skipped. Default `'one'`. */
  catchUp?: ScheduleCatchUp | undefined;
  /**
   * `skip`: the moment is skipped, and counted. `queue`: one waits for the end. `cancel`: what is live is cancelled, and the
   * new one follows when it has stopped. `allow`: both run. Default `'skip'`.
   */
  overlap?: ScheduleOverlap | undefined;
  /** Its tasks are spread over this time after their moments. Default 0; seconds, or a text such as `"90s"`. */
  jitter?: Duration | undefined;
  /** No moment before that; an interval has its first one there. */
  starts?: Date | string | number | null | undefined;
  /** No moment after that. */
  ends?: Date | string | number | null | undefined;
  /** It ends after so many tasks. */
  limit?: number | null | undefined;
}

/** A schedule that is to be added. */
export interface ScheduleRequest extends ScheduleSettings {
  /** Its name, unique in the store: 1 to 200 characters. */
  name: string;
  /** `"30m"`, `"every day at 9am"`, `"cron:0 9 * * 1-5"`, `"in 20 minutes"`, a number of seconds and so on. */
  when: string | number;
  /** What is submitted. */
  request?: ScheduledRequest | undefined;
  /** In place of a request: a text that a `ScheduleLoop` is given. */
  message?: string | undefined;
  /** Take the place of a schedule of that name. Default: it is a `ConflictError`. */
  replace?: boolean | undefined;
}

/** What is other from now on; the rest stays. */
export interface ScheduleUpdate extends ScheduleSettings {
  /** As of one that is added. */
  when?: string | number | undefined;
  /** As of one that is added. */
  request?: ScheduledRequest | undefined;
  /** As of one that is added. */
  message?: string | undefined;
}

/** How a schedule goes on. */
export interface ResumeOptions {
  /** Moments of the pause that are made up for. Default `'none'`. */
  catchUp?: ScheduleCatchUp | undefined;
}

/** What moments to tell. */
export interface NextOptions {
  /** By name. Default: the system's. */
  zone?: string | undefined;
  /** How many: 1 to 1,000. Default 5. */
  n?: number | undefined;
}

/** What should be known of a schedule beside its state. */
export interface ScheduleAttention {
  /**
   * `no_worker`: none lives that would submit for it. `no_codec`: a moment has come, and who has looked at it could not decode
   * what is to be submitted. `broken`: see `last_error`, which says why of both.
   */
  signal: 'no_worker' | 'no_codec' | 'broken' | null;
  /** Whether somebody has to see to it. */
  needs_attention: boolean;
  /**
   * What to do about it: `service` has a worker outlive this session; `codec` is to be named in the configuration beside the
   * store; `update` and `resume` follow on a broken one.
   */
  next_action: 'service' | 'codec' | 'update' | null;
}

/** What a schedule tells. */
export interface ScheduleJob {
  /** The schedule's id. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
  /** What it is to tell. */
  readonly message: string;
  /** The moment that it is for. */
  readonly scheduledFor: Date;
}

/** A schedule as JSON. Times are ISO 8601. */
export interface ScheduleJson {
  schedule_id: string;
  name: string;
  when: string;
  kind: ScheduleKind;
  zone: string;
  state: ScheduleState;
  next_at: string | null;
  last_at: string | null;
  last_task_id: string | null;
  last_error: string | null;
  /** How many tasks it has submitted, or how often a loop was told. */
  fired: number;
  /** How many moments were passed over; of cron fields at least: 1,000 a gap are counted. */
  skipped: number;
  catch_up: ScheduleCatchUp;
  overlap: ScheduleOverlap;
  /** Seconds. */
  jitter: number;
  starts: string | null;
  ends: string | null;
  limit: number | null;
  request: Record<string, unknown> | null;
  message: string | null;
  created_at: string;
  schedule_status: ScheduleAttention;
  /** What of the request this process cannot decode; absent: all can be read. */
  undecoded?: Undecoded;
}

/** A schedule. */
export interface Schedule {
  /** `sched_` and 16 hex digits. */
  scheduleId: string;
  /** Unique in the store. */
  name: string;
  /** As it was given. */
  when: string;
  /** How often, and how that was said. */
  kind: ScheduleKind;
  /** In which times of day are meant. */
  zone: string;
  /** Whether it goes on. */
  state: ScheduleState;
  /** The moment that is next; null: none. */
  nextAt: Date | null;
  /** The moment that was last; null: none yet. */
  lastAt: Date | null;
  /** The task that was submitted last. */
  lastTaskId: string | null;
  /** Why nothing was submitted last, or what a loop's callback threw. */
  lastError: string | null;
  /** How many tasks it has submitted, or how often a loop was told. */
  fired: number;
  /** How many moments were passed over; of cron fields at least: 1,000 a gap are counted. */
  skipped: number;
  /** What becomes of moments that were missed. */
  catchUp: ScheduleCatchUp;
  /** What happens to a moment while a task of one before is live. */
  overlap: ScheduleOverlap;
  /** Seconds over which its tasks are spread. */
  jitter: number;
  /** No moment before that. */
  starts: Date | null;
  /** No moment after that. */
  ends: Date | null;
  /** It ends after so many tasks. */
  limit: number | null;
  /** What is submitted; null: a message is told. */
  request: ScheduledRequest | null;
  /** What a loop is told; null: a request is submitted. */
  message: string | null;
  /** When it was added. */
  createdAt: Date;
  /** What should be known of it. */
  scheduleStatus: ScheduleAttention;
  /** What of the request a codec has made something else of, and this process cannot decode; absent: all can be read. */
  undecoded?: Undecoded;
}

const dateOrNull = (text: string | null): Date | null => (text === null ? null : new Date(text));

/** Turns the wire's schedule into the one of the TypeScript API. */
export function scheduleFromJson(json: ScheduleJson): Schedule {
  return {
    scheduleId: json.schedule_id,
    name: json.name,
    when: json.when,
    kind: json.kind,
    zone: json.zone,
    state: json.state,
    nextAt: dateOrNull(json.next_at),
    lastAt: dateOrNull(json.last_at),
    lastTaskId: json.last_task_id,
    lastError: json.last_error,
    fired: json.fired,
    skipped: json.skipped,
    catchUp: json.catch_up,
    overlap: json.overlap,
    jitter: json.jitter,
    starts: dateOrNull(json.starts),
    ends: dateOrNull(json.ends),
    limit: json.limit,
    request: json.request as ScheduledRequest | null,
    message: json.message,
    createdAt: new Date(json.created_at),
    scheduleStatus: json.schedule_status,
    ...(json.undecoded === undefined ? {} : { undecoded: json.undecoded }),
  };
}
