/** A store with module recipes, and workers over it, without a client. */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Spec } from '#offstage/core/index.js';
import { digestOf } from '#offstage/recipe/contain.js';
import { openStore } from '#offstage/store/index.js';
import type { NewTask, Payloads, Store } from '#offstage/store/types.js';
import type { RecordJson } from '#offstage/wire/convert.js';
import { type RunWorkerOptions, runWorker, type WorkerEvent } from '#offstage/worker/index.js';
import { within } from '../../waiting.js';
import { kill, processesOf } from './processes.js';

/** What a test reads of a stored task. */
export interface Read {
  record: RecordJson;
  payloads: Payloads;
  events: { kind: string; data: Record<string, unknown> }[];
}

export interface RunningWorker {
  events: WorkerEvent[];
  trouble: string[];
  stop: AbortController;
  skipDrain: AbortController;
  ended: Promise<void>;
}

export class Fixture {
  readonly folder: string;
  readonly store: Store;
  /** Stop the workers: before the store is closed. */
  readonly #stops: (() => Promise<void>)[] = [];

  private constructor(folder: string, store: Store) {
    this.folder = folder;
    this.store = store;
  }

  static async make(t: TestContext): Promise<Fixture> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'offstage-worker-')));
    const store = await openStore(join(folder, '.offstage', 'tasks.db'), { mount: 'thread' });
    const fixture = new Fixture(folder, store);
    t.after(async () => {
      await Promise.all(fixture.#stops.map((stop) => stop()));
      await store.close();
      for (const pid of processesOf(folder)) kill(pid);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    });
    return fixture;
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  /** Writes a recipe whose default export is the given source. */
  recipe(name: string, source: string): string {
    const root = join(this.folder, 'recipes', name);
    mkdirSync(root, { recursive: true });
    writeFileSync(join(root, 'TEMPLATE.yaml'), `name: ${name}\n`);
    writeFileSync(join(root, 'recipe.mjs'), source);
    return root;
  }

  /** Submits one task of a recipe; gives its id. */
  async submit(
    name: string,
    input: unknown = {},
    more: Partial<Spec> & { source?: object } = {},
    placing: Partial<NewTask> = {},
  ): Promise<string> {
    const root = join(this.folder, 'recipes', name);
    const { source, ...rest } = more;
    const digest = digestOf(readFileSync(join(root, 'TEMPLATE.yaml')), readFileSync(join(root, 'recipe.mjs')));
    const needs = (source as { needs?: string[] } | undefined)?.needs ?? [];
    const where = { root, entry: join(root, 'recipe.mjs'), version: '1.0.0', digest, needs, inherit_env: false };
    const spec = {
      name,
      recipe: name,
      session_id: 'session_1',
      timeout_ms: null,
      kill_grace_ms: 100,
      ...rest,
      source: { ...where, ...source },
    } as unknown as Spec;
    return this.insert(spec, { needs, payloads: { input: JSON.stringify(input), config: '{"k":1}' }, ...placing });
  }

  /** Submits one task of a recipe in code. */
  submitCode(name: string, input: unknown = {}, more: Partial<Spec> = {}): Promise<string> {
    const spec: Spec = { name, recipe: name, kill_grace_ms: 100, ...more };
    return this.insert(spec, { code: name, payloads: { input: JSON.stringify(input), config: '{}' } });
  }

  async insert(spec: Spec, more: Partial<NewTask> = {}): Promise<string> {
    const task: NewTask = {
      spec,
      payloads: {},
      needs: [],
      maxConcurrent: null,
      code: null,
      onConflict: 'parallel',
      parent: null,
      childKey: null,
      ...more,
    };
    const { tasks } = await this.store.run('submit', { tasks: [task], start: null });
    return (JSON.parse(tasks[0]?.record ?? '{}') as RecordJson).task_id;
  }

  async read(id: string): Promise<Read> {
    const task = await this.store.run('get', { id, payloads: ['result', 'error_details', 'late_result'] });
    if (task === null) throw new Error(`no task ${id}`);
    const page = await this.store.run('events', { id, after: 0, limit: 10_000 });
    return {
      record: JSON.parse(task.record),
      payloads: task.payloads,
      events: (page?.events ?? []).map(({ kind, data }) => ({ kind, data: JSON.parse(data) })),
    };
  }

  /** Waits until the task is as wanted, by default terminal and stopped. */
  until(id: string, wanted: (read: Read) => boolean = hasEnded): Promise<Read> {
    return this.watch(async () => {
      const read = await this.read(id);
      return wanted(read) ? read : undefined;
    }, `task ${id} to be as wanted: ${wanted}`);
  }

  /** Looks after every commit until `look` answers. */
  watch<T>(look: () => Promise<T | undefined>, what = String(look)): Promise<T> {
    let unwatch = (): void => {};
    const found = new Promise<T>((resolve, reject) => {
      const again = (): void => {
        look().then((one) => one !== undefined && resolve(one), reject);
      };
      unwatch = this.store.watch(again);
      again();
    });
    return within(found, { what }).finally(unwatch);
  }

  /** A person answers. */
  answer(id: string, key: string, content?: unknown, action: 'accept' | 'decline' | 'cancel' = 'accept') {
    const command = { command: 'answer', key, action, ...(content === undefined ? {} : { content }) } as const;
    return this.store.run('change', { changes: [{ id, command }] });
  }

  cancel(id: string, reason = 'not wanted'): Promise<unknown> {
    const command = { command: 'cancel', reason, by: 'caller' } as const;
    return this.store.run('change', { changes: [{ id, command }] });
  }

  /** Starts a worker in this process; it is stopped with the test. */
  async work(options: RunWorkerOptions = {}, store: Store = this.store): Promise<RunningWorker> {
    const stop = new AbortController();
    const skipDrain = new AbortController();
    const events: WorkerEvent[] = [];
    const trouble: string[] = [];
    let ready = (): void => {};
    const isReady = new Promise<void>((resolve) => {
      ready = resolve;
    });
    const ended = runWorker(store, {
      ...options,
      signal: stop.signal,
      skipDrain: skipDrain.signal,
      onTrouble: (text) => trouble.push(text),
      onEvent: (event) => {
        events.push(event);
        if (event.event === 'ready') ready();
      },
    });
    ended.catch(() => {});
    this.#stops.push(async () => {
      stop.abort();
      skipDrain.abort();
      await ended.catch(() => {});
    });
    await within(Promise.race([isReady, ended]), { what: 'the worker to be ready' });
    return { events, trouble, stop, skipDrain, ended };
  }
}

const hasEnded = ({ record }: Read): boolean => record.stopped_at != null && record.completed_at != null;
