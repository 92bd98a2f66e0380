/** Schedules in the TypeScript API. */
import type { Recipe } from '../../ports/recipe.ts';
import {
  type NextOptions,
  type ResumeOptions,
  type Schedule,
  type ScheduledRequest,
  type ScheduleRequest,
  type ScheduleUpdate,
  scheduleFromJson,
} from '../../wire/schedule.ts';
import { type BackgroundTaskHandle, makeHandle } from '../client-handle.ts';
import type { Verbs } from '../verbs.ts';

/** A request whose recipe may be code, which a worker that has it submits. */
export type CodeRequest = Omit<ScheduledRequest, 'recipe'> & { recipe: Recipe };

/** What is added, its recipe by name or in code. */
export type NewScheduleOptions = Omit<ScheduleRequest, 'request'> & {
  /** What is submitted. */
  request?: ScheduledRequest | CodeRequest | undefined;
};

/** What is other from now on, its recipe by name or in code. */
export type ScheduleChanges = Omit<ScheduleUpdate, 'request'> & {
  /** What is submitted. */
  request?: ScheduledRequest | CodeRequest | undefined;
};

/** The schedules of a store. `which`: a name or id; an unknown one is a `ScheduleNotFoundError`. */
export interface Schedules {
  /**
   * Resolves when it is durable; a worker is started, which stays while one is active. Rejects with `InvalidArgumentError` for
   * a text that is no schedule, `ConflictError` for a name that is taken, and with what a submit of the request rejects with.
   */
  add(schedule: NewScheduleOptions): Promise<Schedule>;
  /** All of them, in the order of their names. A look only: no worker is started. */
  list(): Promise<Schedule[]>;
  /** Undefined when there is none. */
  get(which: string): Promise<Schedule | undefined>;
  /** Changes it; one that has ended or is broken goes on. */
  update(which: string, change: ScheduleChanges): Promise<Schedule>;
  /** Removes it; its tasks go on. False when there was none. */
  remove(which: string): Promise<boolean>;
  /** Nothing is submitted for it until it is resumed. */
  pause(which: string): Promise<Schedule>;
  /** It goes on, also one that is broken; what was missed is made up for only if that is asked for. */
  resume(which: string, options?: ResumeOptions): Promise<Schedule>;
  /** Submits now, as its overlap lets it; undefined where that lets none. What comes next stays. */
  runNow(which: string): Promise<BackgroundTaskHandle | undefined>;
  /** The next moments of a text. */
  next(when: string | number, options?: NextOptions): Promise<Date[]>;
}

/** Wraps the verbs. */
export function makeSchedules(verbs: Verbs): Schedules {
  const { schedules } = verbs;
  return {
    add: async (schedule) => scheduleFromJson(await schedules.add(schedule as ScheduleRequest)),
    list: async () => (await schedules.list()).map(scheduleFromJson),
    get: async (which) => await orNone(schedules.get(which)).then((json) => json && scheduleFromJson(json)),
    update: async (which, change) => scheduleFromJson(await schedules.update(which, change as ScheduleUpdate)),
    remove: async (which) => (await orNone(schedules.remove(which))) !== undefined,
    pause: async (which) => scheduleFromJson(await schedules.pause(which)),
    resume: async (which, options) => scheduleFromJson(await schedules.resume(which, options)),
    runNow: async (which) => {
      const task = (await schedules.runNow(which)).at(-1);
      return task && makeHandle(verbs, task.task_id, task);
    },
    next: async (when, options) => (await schedules.next(when, options)).map((at) => new Date(at)),
  };
}

async function orNone<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if ((error as { code?: string }).code === 'not_found') return undefined;
    throw error;
  }
}
