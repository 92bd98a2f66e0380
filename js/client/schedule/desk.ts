/** What the tools for schedules do: an agent adds what it could submit, and sees and removes only that. */
import type { Recipe } from '../../ports/recipe.ts';
import type { Schedule } from '../../wire/schedule.ts';
import type { NewScheduleOptions, Schedules } from './schedules.ts';

type Answer = Record<string, unknown>;

/** As a model gives it. */
export interface ScheduleAsked {
  name: string;
  when: string;
  zone?: string;
  recipe?: string;
  input?: unknown;
  message?: string;
}

interface Limits {
  /** Of all that is added, and of all that may be seen. */
  sessionId: string | undefined;
  /** What may be submitted, by name; undefined: whatever has a name. */
  recipes: ReadonlyMap<string, string | Recipe> | undefined;
}

const refused = (error: string, code: string): Answer => ({ error, code });

export class ScheduleDesk {
  readonly #schedules: Schedules;
  readonly #limits: Limits;

  constructor(schedules: Schedules, limits: Limits) {
    this.#schedules = schedules;
    this.#limits = limits;
  }

  async add({ name, when, zone, message, recipe, input }: ScheduleAsked): Promise<Answer> {
    const { recipes, sessionId } = this.#limits;
    const settings = { name, when, ...(zone === undefined ? {} : { zone }) };
    if ((message === undefined) === (recipe === undefined)) {
      return refused('recipe, message: expected one of the two', 'invalid_argument');
    }
    if (message !== undefined) return shown(await this.#schedules.add({ ...settings, message }));
    const found = recipes === undefined ? recipe : recipes.get(recipe as string);
    if (found === undefined) return refused(`recipe: got '${recipe}', which may not be submitted`, 'policy_denied');
    const request = {
      recipe: found,
      ...(input === undefined ? {} : { input }),
      ...(sessionId === undefined ? {} : { sessionId }),
    } as NonNullable<NewScheduleOptions['request']>;
    return shown(await this.#schedules.add({ ...settings, request }));
  }

  async list(): Promise<Answer> {
    return { schedules: (await this.#schedules.list()).filter((one) => this.#maySee(one)).map(shown) };
  }

  async remove(name: string): Promise<Answer> {
    const found = await this.#schedules.get(name);
    if (found === undefined || !this.#maySee(found)) return refused(`there is no schedule '${name}'`, 'not_found');
    return { name: found.name, removed: await this.#schedules.remove(found.scheduleId) };
  }

  /** Messages are told to whoever has a loop, and start nothing. */
  #maySee({ request, message }: Schedule): boolean {
    const { recipes, sessionId } = this.#limits;
    if (message !== null) return true;
    if (sessionId !== undefined && request?.sessionId !== sessionId) return false;
    return recipes === undefined || recipes.has(request?.recipe ?? '');
  }
}

const shown = (one: Schedule): Answer => ({
  name: one.name,
  when: one.when,
  zone: one.zone,
  state: one.state,
  next_at: one.nextAt?.toISOString() ?? null,
  last_at: one.lastAt?.toISOString() ?? null,
  ...(one.message === null ? { recipe: one.request?.recipe ?? null } : { message: one.message }),
  ...(one.lastTaskId === null ? {} : { last_task_id: one.lastTaskId }),
  ...(one.lastError === null ? {} : { error: one.lastError }),
});
