/**
 * What a run asks of its worker while it runs, and the answers.
 *
 * 1. Every call is answered once, unless the run ends before.
 * 2. The result of a step, and a question, are durable before the answer.
 * 3. A wait for a child of the attempt's own lends its slot; its answer comes when the attempt may go on.
 */
import { ConflictError, type ErrorData, isTaskError } from '../errors/index.ts';
import { exchangedOf } from '../store/exchanges.ts';
import type { Changed, Attempt as Key, NewTask, Store } from '../store/types.ts';
import type { TaskTrace } from '../wire/carried.ts';
import { MOST_EXCHANGES, messagesOf, type SessionMessage } from '../wire/conversation.ts';
import type { Answer } from '../wire/event.ts';
import { answerKey } from '../wire/question.ts';
import { isTerminal, type TaskJson, type TaskStatus } from '../wire/task.ts';
import type { Duration } from '../wire/task-handle.ts';
import type { Clock } from './clock.ts';
import type { Lineage } from './environment/environments.ts';
import type { Told, With } from './journal.ts';
import type { Lending } from './lending.ts';
import type { CallMessage, Method } from './protocol.ts';
import type { Secrets } from './secrets.ts';
import { isStoreLost, oneLine } from './trouble.ts';
import type { Family } from './types.ts';
import type { Reply } from './work.ts';

/** What a call needs of its attempt. */
export interface CallsPort {
  readonly key: Readonly<Key>;
  readonly store: Store;
  readonly clock: Clock;
  readonly lending: Lending;
  readonly family: Family | undefined;
  readonly secrets: Secrets;
  /** Whose environment the attempt has; undefined for that of this process. */
  readonly lineage: Lineage | undefined;
  /** The span that its children belong to. */
  readonly trace: TaskTrace | undefined;
  /** Which version of the recipe is run; null: none. */
  versionFor(serves: boolean): Promise<string | null>;
  commit(commands: readonly Told[], more?: With): Promise<Changed | null>;
  /** Commits a question; the clock of the timeout stands still from now on, if the task then waits for an answer. */
  ask(question: Told): Promise<Changed | null>;
  /** Runs what names the execution, so that the name holds until it is done. */
  asExecution<T>(work: () => Promise<T>): Promise<T>;
  reply(reply: Reply): void;
  onTrouble(error: unknown): void;
}

/** The arguments of the calls; `js/worker/inside` sends them. */
interface Arguments {
  code: { serves: boolean };
  stepGet: { key: string };
  stepPut: { key: string; data: string };
  ask: { key: string; message: string; schema?: unknown; expiresMs?: number };
  submit: { request: unknown; key?: string | null };
  /** `whole`: with what was given and what came of it. */
  get: { id: string; whole?: boolean };
  wait: { id: string; timeout?: Duration };
  cancel: { id: string; reason?: string; stopped?: boolean };
  events: { id: string; after: number; wait: boolean };
  respond: { id: string; key: string; answer: Answer };
  conversation: Record<string, never>;
}

type Served = { [M in Method]: (args: Arguments[M]) => Promise<unknown> };

/** What of a record a call reads. */
interface Seen {
  status: TaskStatus;
  parent_id?: string | null;
  requests?: Record<string, { answer?: { action: string; content?: unknown } | null }>;
}

export class Calls {
  readonly #port: CallsPort;
  readonly #served: Served;
  /** Who waits for the answer to which question. */
  readonly #asking = new Map<string, ((answer: unknown) => void)[]>();
  /** Answers that came with the last return of the attempt. */
  #answered: Seen['requests'];
  /** Made for the first call that goes on until the run ends. */
  #end: AbortController | undefined;
  #isClosed = false;

  constructor(port: CallsPort) {
    this.#port = port;
    this.#served = {
      code: async ({ serves }) => ({ version: await port.versionFor(serves) }),
      stepGet: (args) => this.#stepGet(args),
      stepPut: (args) => this.#stepPut(args),
      ask: (args) => this.#ask(args),
      submit: (args) => this.#submit(args),
      get: (args) => this.#get(args),
      wait: (args) => this.#wait(args),
      cancel: ({ id, ...how }) => this.#cancel(id, how),
      events: ({ id, ...how }) => this.#family().events(id, { ...how, signal: this.#signal }),
      respond: (args) => this.#respond(args),
      conversation: () => this.#conversation(),
    };
  }

  /** Serves one call. Never rejects. */
  async serve({ call, method, args }: CallMessage): Promise<void> {
    let reply: Reply;
    try {
      const served = this.#served[method] as (args: unknown) => Promise<unknown>;
      reply = { call, value: JSON.stringify((await served(JSON.parse(args))) ?? null) };
    } catch (error) {
      if (isStoreLost(error)) this.#port.onTrouble(error); // also a core that is dead in this process only
      reply = { call, error: dataOf(error) };
    }
    if (!this.#isClosed) this.#port.reply(reply);
  }

  /** The attempt goes on after an answer: hands out what its record holds. */
  goOn(record: string): void {
    this.#answered = (JSON.parse(record) as Seen).requests;
    for (const [key, waiting] of this.#asking) {
      const answer = this.#answered?.[key]?.answer;
      if (answer == null) continue;
      this.#asking.delete(key);
      for (const resolve of waiting) resolve(answer);
    }
  }

  /** The run is over: nothing more is answered. */
  close(): void {
    this.#isClosed = true;
    this.#end?.abort();
  }

  get #signal(): AbortSignal {
    this.#end ??= new AbortController();
    if (this.#isClosed) this.#end.abort();
    return this.#end.signal;
  }

  async #stepGet({ key }: Arguments['stepGet']): Promise<unknown> {
    const { store, key: attempt, secrets } = this.#port;
    const name = secrets.mask.name(key);
    const stored = await store.run('step', { id: attempt.id, key: name });
    if (stored === null) return { found: false };
    return { found: true, data: secrets.whole(stored.data, stored.refs, `the result of step '${name}'`) };
  }

  async #stepPut({ key, data }: Arguments['stepPut']): Promise<unknown> {
    const { commit, secrets } = this.#port;
    const name = secrets.mask.name(key);
    const { json, refs } = secrets.mask.json(data);
    const changed = await commit([{ command: 'step', key: name }], { step: { key: name, data: json, refs } });
    return { kept: changed?.changed ?? false };
  }

  async #ask({ message, schema, expiresMs, ...asked }: Arguments['ask']): Promise<unknown> {
    const { clock, key: attempt, ask } = this.#port;
    const { mask } = this.#port.secrets;
    const key = mask.name(asked.key);
    const changed = await ask({
      command: 'ask',
      key,
      message: mask.text(message),
      ...(schema === undefined ? {} : { schema: mask.value(schema) }),
      ...(expiresMs === undefined ? {} : { expires_at: clock.now() + expiresMs }),
    });
    if (changed === null) throw new ConflictError(`task ${attempt.id} was removed and asks no more`);
    const record = JSON.parse(changed.record) as Seen;
    const answer = record.requests?.[key]?.answer ?? this.#answered?.[key]?.answer;
    if (answer != null) return this.#answer(key, answer);
    const later = await new Promise<unknown>((resolve) => {
      this.#asking.set(key, [...(this.#asking.get(key) ?? []), resolve]);
    });
    return this.#answer(key, later);
  }

  /** An answer of other code, a parent's, has its values put in. */
  async #answer(key: string, answer: unknown): Promise<unknown> {
    const { store, key: attempt, secrets } = this.#port;
    const stored = await store.run('step', { id: attempt.id, key: answerKey(key) });
    if (stored === null) return answer;
    const content = secrets.whole(stored.data, stored.refs, `the answer to '${key}'`);
    return { ...(answer as object), content: JSON.parse(content) };
  }

  async #respond({ id, key, answer }: Arguments['respond']): Promise<null> {
    const { mask } = this.#port.secrets;
    await this.#family().respond(id, mask.name(key), answer, (json) => mask.json(json));
    return null;
  }

  async #conversation(): Promise<SessionMessage[]> {
    const { store, key } = this.#port;
    const found = await store.run('conversation', { task: key.id, limit: MOST_EXCHANGES });
    return messagesOf(found.map(exchangedOf));
  }

  #cancel(id: string, { reason, ...how }: Omit<Arguments['cancel'], 'id'>): Promise<boolean> {
    const why = reason === undefined ? {} : { reason: this.#port.secrets.mask.text(reason) };
    return this.#family().cancel(id, { ...how, ...why });
  }

  async #submit({ request, key }: Arguments['submit']): Promise<unknown> {
    const family = this.#family();
    const { secrets, trace } = this.#port;
    const asked = trace === undefined ? request : { ...(request as object), trace };
    const conceal = (task: NewTask): NewTask => secrets.conceal(task);
    const childKey = key == null ? null : secrets.mask.name(key);
    const { task, deduplicated } = await this.#port.asExecution(() =>
      family.submit(asked, { parent: { ...this.#port.key }, key: childKey, conceal, lineage: this.#port.lineage }),
    );
    return {
      taskId: task.task_id,
      name: task.name,
      recipeName: task.recipe,
      sessionId: task.session_id,
      deduplicated,
    };
  }

  async #wait({ id, timeout }: Arguments['wait']): Promise<unknown> {
    const family = this.#family();
    const how = { ...(timeout === undefined ? {} : { timeout }), signal: this.#signal };
    const wait = () => family.wait(id, how);
    const waited = await ((await this.#isLiveChild(id)) ? this.#port.lending.during(id, wait) : wait());
    return { ...waited, task: await this.#whole(waited.task) };
  }

  async #get({ id, whole = false }: Arguments['get']): Promise<TaskJson> {
    const task = await this.#family().get(id);
    return whole ? this.#whole(task) : task;
  }

  /** A child of this task with the values in its payloads; others are for code as they are for everybody. */
  async #whole(task: TaskJson): Promise<TaskJson> {
    const { store, key, secrets } = this.#port;
    if (task.parent_id !== key.id) return task;
    const handed = await store.run('handed', { id: task.task_id, kinds: WHOLE });
    const kinds = Object.keys(handed?.refs ?? {}) as (typeof WHOLE)[number][];
    if (handed === null || kinds.length === 0) return task;
    const whole = secrets.handed(handed, `task ${task.task_id}'s`);
    return { ...task, ...Object.fromEntries(kinds.map((kind) => [kind, JSON.parse(whole[kind] ?? 'null')])) };
  }

  async #isLiveChild(id: string): Promise<boolean> {
    const stored = await this.#port.store.run('get', { id, payloads: [] });
    if (stored === null || isTerminal(stored.status)) return false;
    return (JSON.parse(stored.record) as Seen).parent_id === this.#port.key.id;
  }

  #family(): Family {
    const { family } = this.#port;
    if (family !== undefined) return family;
    throw new ConflictError('the worker of this task has no client: its tasks have no children');
  }
}

/** What a parent is shown of its child. */
const WHOLE = ['input', 'config', 'metadata', 'result'] as const;

function dataOf(error: unknown): ErrorData {
  return isTaskError(error) ? error.toJSON() : { code: 'failed', name: 'TaskError', message: oneLine(error) };
}
