/** A store with worker processes, driven in lockstep: after each step every process in turn does what is to be done. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verbsOf } from '#offstage/client/open.js';
import { VerbContext } from '#offstage/client/verb-context.js';
import type { Verbs } from '#offstage/client/verbs.js';
import { openStore } from '#offstage/store/index.js';
import { type Connection, connect } from '#offstage/store/sqlite/driver.js';
import { only } from '#offstage/wire/only.js';
import { within } from '../../../waiting.js';
import { EPOCH } from '../clock.ts';
import type { Stage } from '../run.ts';
import type { Facts, Scenario, Spec, Step } from '../scenario.ts';
import type { Moment } from './clock.ts';
import type { Act, Reply, Request } from './messages.ts';
import { Puppets } from './puppets.ts';
import type { Member, Troupe } from './troupe.ts';
import { withGrace } from './with-grace.ts';

/** Written by a trigger, in the order of the commits: the events of all tasks. */
const JOURNAL = `CREATE TABLE journal (n INTEGER PRIMARY KEY, id TEXT, kind TEXT);
  CREATE TRIGGER journal AFTER INSERT ON events BEGIN
    INSERT INTO journal (id, kind) SELECT id, new.kind FROM tasks WHERE seq = new.task; END`;

export class StoreSubject implements Stage {
  readonly stopped = false;
  readonly #folder = mkdtempSync(join(tmpdir(), 'offstage-contract-'));
  readonly #members: readonly Member[];
  readonly #ids = new Map<string, string>();
  readonly #names = new Map<string, string>();
  /** Where the work of a task began last. */
  readonly #places = new Map<string, Member>();
  readonly #recipe = new Puppets().recipe;
  #moment: Moment = { mono: 0, wall: EPOCH };
  #call = 0;
  #first = 0;
  #seen = 0;
  #noticed: string[] = [];
  #verbs!: Verbs;
  #connection!: Connection;

  private constructor(members: readonly Member[]) {
    this.#members = members;
  }

  static async open(options: Scenario['options'], troupe: Troupe): Promise<StoreSubject> {
    const subject = new StoreSubject(troupe.members);
    await subject.#start(options ?? {});
    return subject;
  }

  async #start({ maxConcurrentTasks = 5, killGrace = 5 }: NonNullable<Scenario['options']>) {
    const path = join(this.#folder, '.offstage', 'tasks.db');
    const killGraceMs = Number(killGrace) * 1000;
    const store = withGrace(await openStore(path, { mount: 'direct', now: () => this.#moment.wall }), killGraceMs);
    const context = await VerbContext.open({ store: path, worker: 'none', openStore: async () => store });
    this.#verbs = verbsOf(context);
    await store.run('counts', {}); // makes the file
    this.#connection = connect(path);
    this.#connection.exec(JOURNAL);
    const limits = { concurrency: maxConcurrentTasks, maxConcurrent: maxConcurrentTasks };
    for (const [n, member] of this.#members.entries()) {
      const setup = { store: path, id: `worker_${n}`, ...limits, moment: this.#moment, killGraceMs };
      await this.#ask(member, { do: 'begin', setup });
    }
  }

  async close(): Promise<void> {
    await this.#verbs.close();
    this.#connection.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #ask(member: Member, request: Request): Promise<Reply> {
    const id = ++this.#call;
    const answered = new Promise<Reply>((resolve, reject) => {
      const off = (): void => {
        member.process.off('message', hear).off('exit', gone);
      };
      const hear = (reply: Reply): void => {
        if (reply.id !== id) return;
        off();
        resolve(reply);
      };
      const gone = (): void => reject(new Error('the worker process has ended'));
      member.process.on('message', hear).on('exit', gone);
    });
    member.process.send({ ...request, id });
    const reply = await within(answered, { what: `an answer of a worker process to ${JSON.stringify(request)}` });
    this.#heard(member, reply);
    if (reply.error !== undefined) throw new Error(`in the worker process: ${reply.error}`);
    return reply;
  }

  #heard(member: Member, { next, noticed, began }: Reply): void {
    member.next = next;
    this.#noticed.push(...noticed);
    for (const name of began) this.#places.set(name, member);
  }

  /** Lets every process look and act, until a whole round changes nothing. Each time another one goes first. */
  async settle(): Promise<void> {
    this.#first = (this.#first + 1) % this.#members.length;
    const members = [...this.#members.slice(this.#first), ...this.#members.slice(0, this.#first)];
    for (let before = -1, now = this.#changes(); now !== before; now = this.#changes()) {
      before = now;
      for (const member of members) await this.#ask(member, { do: 'settle' });
    }
  }

  /** Grows with every commit of any process. */
  #changes(): number {
    return Number(this.#connection.prepare('PRAGMA data_version').get()?.data_version);
  }

  /** What happened since it was asked last. */
  take(): { events: string[]; work: string[] } {
    const rows = this.#connection.prepare('SELECT n, id, kind FROM journal WHERE n > ? ORDER BY n').all(this.#seen);
    this.#seen = Number(rows.at(-1)?.n ?? this.#seen);
    const work = [...new Set(this.#noticed)].sort();
    this.#noticed = [];
    return { events: rows.map(({ id, kind }) => `${this.#names.get(String(id))} ${kind}`), work };
  }

  async submit(name: string, spec: Spec = {}, parent?: string, key?: string): Promise<string | undefined> {
    const { runAt, timeout = 0, ...rest } = spec;
    const request = { timeout, ...rest, ...(runAt === undefined ? {} : { runAt: EPOCH + runAt }) };
    const { taskId, deduplicated } =
      parent === undefined
        ? await this.#submitHere({ name, ...request })
        : await this.#submitThere(parent, name, key === undefined ? request : { ...request, key });
    if (deduplicated) return this.#names.get(taskId);
    this.#names.set(taskId, name);
    this.#ids.set(name, taskId);
    return undefined;
  }

  async #submitHere(request: Record<string, unknown>): Promise<{ taskId: string; deduplicated: boolean }> {
    const [task] = await this.#verbs.submit([{ recipe: this.#recipe, ...request }]);
    if (task === undefined) throw new Error('nothing was submitted');
    return { taskId: task.task_id, deduplicated: task.deduplicated === true };
  }

  async #submitThere(parent: string, name: string, request: Record<string, unknown>) {
    const { submitted, refused } = await this.#act(parent, { act: 'submit', name, request });
    if (refused !== undefined) throw Object.assign(new Error(`refused: ${refused}`), { code: refused });
    if (submitted === undefined) throw new Error('nothing was submitted');
    return submitted;
  }

  #act(name: string, act: Act): Promise<Reply> {
    const member = this.#places.get(name);
    if (member === undefined) throw new Error(`'${name}' never started`);
    return this.#ask(member, { do: 'act', task: name, act });
  }

  #id(name: string): string {
    const id = this.#ids.get(name);
    if (id === undefined) throw new Error(`no task '${name}' was submitted`);
    return id;
  }

  async succeed(name: string): Promise<void> {
    await this.#act(name, { act: 'succeed' });
  }

  async fail(name: string, message: string, retryable: boolean): Promise<void> {
    await this.#act(name, { act: 'fail', message, retryable });
  }

  async stopWork(name: string): Promise<void> {
    await this.#act(name, { act: 'stop' });
  }

  async ask(name: string, key: string, expires: number | undefined): Promise<void> {
    await this.#act(name, { act: 'ask', key, expires: expires ?? null });
  }

  async awaitChild(name: string, child: string): Promise<void> {
    await this.#act(name, { act: 'await', child });
  }

  async answer(name: string, key: string, action: 'accept' | 'decline' | 'cancel'): Promise<void> {
    await this.#verbs.respond(this.#id(name), key, { action });
  }

  async cancel(name: string): Promise<void> {
    await this.#verbs.cancel([this.#id(name)]);
  }

  stop(): never {
    throw new Error('a store is not stopped');
  }

  async advance(ms: number): Promise<void> {
    const until = this.#moment.mono + ms;
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) await this.#goTo(next);
    await this.#goTo(until);
  }

  stepWall(ms: number): void {
    this.#moment = { ...this.#moment, wall: this.#moment.wall + ms };
  }

  /**
   * The next moment at which something may happen. Workers look every second: in a long time only those looks count at
   * which something of the store is due.
   */
  #next(until: number): number | undefined {
    const { mono } = this.#moment;
    const looks = this.#members.flatMap(({ next }) => (next === null || next > until ? [] : [Math.max(next, mono)]));
    const next = looks.length === 0 ? undefined : Math.min(...looks);
    if (next === undefined || until - next < LONG) return next;
    const due = this.#dueIn();
    return due === undefined || mono + due > until ? undefined : Math.max(next, mono + due);
  }

  /** How long until a task is due, in milliseconds; undefined for never. */
  #dueIn(): number | undefined {
    const row = this.#connection
      .prepare(
        `SELECT min(at) AS at FROM (
           SELECT min(run_at) AS at FROM tasks WHERE stand = 'later' UNION ALL SELECT min(due_at) FROM tasks
           UNION ALL SELECT min(json_extract(record, '$.deadline_at')) FROM tasks WHERE status = 'running')`,
      )
      .get();
    return row?.at == null ? undefined : Math.max(0, Number(row.at) - this.#moment.wall);
  }

  async #goTo(mono: number): Promise<void> {
    const passed = mono - this.#moment.mono;
    this.#moment = { mono, wall: this.#moment.wall + passed };
    for (const member of this.#members) await this.#ask(member, { do: 'time', moment: this.#moment });
    await this.settle();
  }

  /** What concerns all workers. */
  async control({ cancel_all, clear, pause, resume, concurrency }: Step): Promise<void> {
    if (cancel_all) for (const id of this.#ids.values()) await this.#verbs.cancel([id]);
    if (clear) await this.#verbs.clear();
    const request: Request | undefined =
      pause || resume
        ? { do: 'pause', paused: pause === true }
        : concurrency === undefined
          ? undefined
          : { do: 'limit', concurrency };
    if (request !== undefined) for (const member of this.#members) await this.#ask(member, request);
  }

  async task(name: string): Promise<Record<keyof Facts, unknown> | undefined> {
    try {
      const { status, attempt, error, task_status } = only(await this.#verbs.get([this.#id(name)]));
      return { status, attempt, code: error?.code, abandoned: task_status.signals.includes('abandoned') };
    } catch (error) {
      if ((error as { code?: string }).code === 'task_not_found') return undefined;
      throw error;
    }
  }

  async counts(): Promise<Record<string, number>> {
    return this.#verbs.summary();
  }
}

/** From here on, in milliseconds, looks at which nothing is due are passed over. */
const LONG = 120_000;
