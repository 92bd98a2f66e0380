/**
 * Background tasks as tools of an agent, whatever framework it is of: it starts work, walks away, asks later. The tools are plain
 * objects; nothing of any framework is imported.
 *
 * 1. An answer is always JSON. What goes wrong is told as a text, which a model may act on; only an abort is thrown.
 * 2. A model starts what it is let, and sees and touches only what it could have started.
 */
import { invalid } from '../errors/argument.ts';
import type { Recipe } from '../ports/recipe.ts';
import type { WakeRequest } from '../ports/verbs.ts';
import { checkObject, checkWhole, isObject } from '../wire/check.ts';
import { cutForModel } from '../wire/cut-for-model.ts';
import type { AbortSignal } from '../wire/globals.ts';
import { checkJson } from '../wire/json-schema.ts';
import { messageOf } from '../wire/message.ts';
import { isTerminal, type Task, type TaskStatus } from '../wire/task.ts';
import type { Client } from './client.ts';
import { type ScheduleAsked, ScheduleDesk } from './schedule/desk.ts';
import { type ToolName, type ToolSchema, toolForms } from './tool-forms.ts';

/** What the tools may do. */
export interface BackgroundToolsOptions {
  /** Those that may be submitted, and whose tasks may be seen. Default: every recipe that has a name; never paths or commands. */
  recipes?: readonly (string | Recipe)[] | undefined;
  /** The session that tasks are submitted in; only tasks of it may be seen then. Default: a session of its own for each. */
  sessionId?: string | undefined;
  /** Submitted with the ends of the tasks as they end: who has started them need not wait. Default: nothing. */
  onComplete?: WakeRequest | undefined;
}

/** One tool, as the AI SDK, Mastra, `@openai/agents` and LangChain take it, or take it apart. */
export interface BackgroundTool {
  /** As in the list of tools. */
  readonly name: string;
  /** For the model. */
  readonly description: string;
  /** A JSON Schema, which is a Standard Schema, too. */
  readonly inputSchema: ToolSchema;
  /** Answers with JSON, also of what goes wrong: `{ error, code }`. Rejects only when the signal is aborted. */
  execute(
    input: unknown,
    how?: { abortSignal?: AbortSignal | undefined; signal?: AbortSignal | undefined },
  ): Promise<Record<string, unknown>>;
}

/** The ten tools by their names. */
export type BackgroundTools = Readonly<Record<ToolName, BackgroundTool>>;

const KEYS: Record<keyof BackgroundToolsOptions, true> = { recipes: true, sessionId: true, onComplete: true };

/** The tools of a client. `InvalidArgumentError` for options that are none. */
export function backgroundTools(client: Client, options: BackgroundToolsOptions = {}): BackgroundTools {
  if (typeof client?.submit !== 'function') throw invalid('client', client, 'a client, as openBackground gives it');
  checkObject('options', options, KEYS);
  checkWhole('sessionId', options.sessionId);
  const desk = new Desk(client, options);
  const forms = toolForms(desk.recipeNames);
  const tool = (name: ToolName): BackgroundTool => ({
    name,
    ...forms[name],
    execute: (input, how = {}) => answer(desk, name, forms[name].inputSchema, input, how.abortSignal ?? how.signal),
  });
  const names = Object.keys(forms) as ToolName[];
  return Object.fromEntries(names.map((name) => [name, tool(name)])) as Record<ToolName, BackgroundTool>;
}

type Answer = Record<string, unknown>;

async function answer(
  desk: Desk,
  name: ToolName,
  schema: ToolSchema,
  input: unknown,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  try {
    signal?.throwIfAborted();
    const asked = withoutNulls(input ?? {});
    const problems = await checkJson(schema, asked, 'input');
    if (problems.length > 0) return refused(problems.map(({ path, message }) => `${path}: ${message}`).join('; '));
    return await desk[name](asked as never, signal);
  } catch (error) {
    signal?.throwIfAborted();
    return { error: messageOf(error), code: (error as { code?: string }).code ?? 'failed' };
  }
}

/** Models give null for what they leave out. */
function withoutNulls(input: unknown): unknown {
  if (!isObject(input)) return input;
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
}

const refused = (error: string, code = 'invalid_argument'): Answer => ({ error, code });

class Refused extends Error {
  readonly code: string;
  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** Seconds that a wait takes where nobody says how long. */
const WAIT = 60;

/** What the tools do, by their names. */
class Desk implements Record<ToolName, (input: never, signal?: AbortSignal) => Promise<Answer>> {
  readonly #client: Client;
  readonly #sessionId: string | undefined;
  readonly #onComplete: WakeRequest | undefined;
  readonly #recipes: ReadonlyMap<string, string | Recipe> | undefined;
  readonly #schedules: ScheduleDesk;

  constructor(client: Client, { recipes, sessionId, onComplete }: BackgroundToolsOptions) {
    this.#client = client;
    this.#onComplete = onComplete;
    this.#sessionId = sessionId;
    if (recipes !== undefined) this.#recipes = byName(recipes);
    this.#schedules = new ScheduleDesk(client.schedules, { sessionId, recipes: this.#recipes });
  }

  get recipeNames(): string[] | undefined {
    return this.#recipes && [...this.#recipes.keys()];
  }

  async bg_submit({ recipe, input, name, key }: Record<'recipe' | 'name' | 'key', string> & { input?: unknown }) {
    const found = this.#recipes === undefined ? recipe : this.#recipes.get(recipe);
    if (found === undefined) return refused(`recipe: got '${recipe}', which may not be submitted`, 'policy_denied');
    const task = await this.#client.submit({
      recipe: found as string,
      ...(input === undefined ? {} : { input }),
      ...(name === undefined ? {} : { name }),
      ...(key === undefined ? {} : { idempotencyKey: key }),
      ...(this.#sessionId === undefined ? {} : { sessionId: this.#sessionId }),
      ...(this.#onComplete === undefined ? {} : { onComplete: this.#onComplete }),
    });
    return { task_id: task.id, name: task.name, status: await task.status(), deduplicated: task.deduplicated };
  }

  async bg_status({ task_id }: { task_id: string }): Promise<Answer> {
    return statusOf(await this.#task(task_id));
  }

  async bg_list({ status, limit = 20 }: { status?: TaskStatus; limit?: number }): Promise<Answer> {
    const filter = {
      pageSize: limit,
      ...(status === undefined ? {} : { status: [status] }),
      ...(this.#sessionId === undefined ? {} : { sessionId: this.#sessionId }),
    };
    const found: Task[] = [];
    for (let after: string | undefined; found.length < limit; ) {
      const { tasks, next } = await this.#client.list({ ...filter, ...(after === undefined ? {} : { after }) });
      found.push(...tasks.filter((task) => this.#maySee(task)));
      if (next === undefined) break;
      after = next;
    }
    return { tasks: found.slice(0, limit).map(statusOf) };
  }

  async bg_wait(
    { task_ids, any = false, timeout_sec = WAIT }: { task_ids: string[]; any?: boolean; timeout_sec?: number },
    signal?: AbortSignal,
  ): Promise<Answer> {
    for (const id of task_ids) await this.#task(id);
    const over = await this.#client.wait(task_ids, { any, timeout: timeout_sec, signal }).then(
      () => true,
      (error) => {
        if (error?.code === 'wait_timeout') return false;
        throw error;
      },
    );
    const tasks = await Promise.all(task_ids.map((id) => this.#task(id)));
    return { wait_status: over ? 'ok' : 'timeout', tasks: tasks.map(outcomeOf) };
  }

  async bg_result({ task_id }: { task_id: string }): Promise<Answer> {
    const task = await this.#task(task_id);
    if (isTerminal(task.status)) return outcomeOf(task);
    throw new Refused(`task ${task_id} has not ended, it is ${task.status}: wait for it, or ask later`, 'not_finished');
  }

  async bg_cancel({ task_id, reason }: { task_id: string; reason?: string }): Promise<Answer> {
    await this.#task(task_id);
    const cancelled = await this.#client.cancel(task_id, reason);
    return { task_id, cancelled, status: (await this.#task(task_id)).status };
  }

  async bg_respond({ task_id, key, action, content }: Record<'task_id' | 'key', string> & RespondInput) {
    const { inputRequests } = await this.#task(task_id);
    if (!Object.hasOwn(inputRequests, key)) {
      const open = Object.keys(inputRequests).join(', ') || 'none';
      throw new Refused(`task ${task_id} asks nothing under the key '${key}'; open are: ${open}`, 'conflict');
    }
    if (key.startsWith('tool:'))
      throw new Refused('whether a tool may be used is for a person to say', 'policy_denied');
    await this.#client.respond(task_id, key, { action, ...(content === undefined ? {} : { content }) });
    return { task_id, key, status: (await this.#task(task_id)).status };
  }

  schedule_add(input: ScheduleAsked): Promise<Answer> {
    return this.#schedules.add(input);
  }

  schedule_list(): Promise<Answer> {
    return this.#schedules.list();
  }

  schedule_remove({ name }: { name: string }): Promise<Answer> {
    return this.#schedules.remove(name);
  }

  async #task(id: string): Promise<Task> {
    const task = await this.#client.get(id);
    if (task !== undefined && this.#maySee(task)) return task;
    throw new Refused(`there is no task ${id}`, 'task_not_found'); // also of others' tasks
  }

  #maySee({ sessionId, recipe }: Task): boolean {
    if (this.#sessionId !== undefined && sessionId !== this.#sessionId) return false;
    return this.#recipes === undefined || this.#recipes.has(recipe);
  }
}

interface RespondInput {
  action: 'accept' | 'decline' | 'cancel';
  content?: unknown;
}

function byName(recipes: readonly (string | Recipe)[]): Map<string, string | Recipe> {
  if (!Array.isArray(recipes)) throw invalid('recipes', recipes, 'a list of recipes, or of their names');
  return new Map(
    recipes.map((recipe: string | Recipe) => {
      const name = typeof recipe === 'string' ? recipe : recipe?.name;
      if (typeof name !== 'string' || name === '') throw invalid('recipes', recipe, 'a recipe, or its name');
      return [name, recipe];
    }),
  );
}

/** What a model needs to know to go on. */
function statusOf(task: Task): Answer {
  const { taskId: task_id, name, recipe, status, progress, progressMessage, inputRequests, error, taskStatus } = task;
  const questions = Object.entries(inputRequests).map(([key, { message, schema }]) => ({
    key,
    message,
    ...(schema === undefined ? {} : { schema }),
  }));
  return {
    task_id,
    name,
    recipe,
    status,
    ...(progress === null ? {} : { progress }),
    ...(progressMessage === null ? {} : { progress_message: progressMessage }),
    ...(questions.length === 0 ? {} : { questions }),
    ...(error === null ? {} : { error: error.message }),
    signals: taskStatus.signals,
    next_action: taskStatus.nextAction,
  };
}

function outcomeOf(task: Task): Answer {
  if (!isTerminal(task.status)) return statusOf(task);
  const { taskId: task_id, name, status, result, error } = task;
  const outcome = status === 'completed' ? cutForModel(result) : { error: error?.message ?? status };
  return { task_id, name, status, ...outcome };
}
