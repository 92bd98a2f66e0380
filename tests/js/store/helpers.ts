import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Spec } from '#offstage/core/index.js';
import { here, startTime } from '#offstage/platform/process.js';
import {
  type Claimed,
  type ListQuery,
  type NewTask,
  openStore,
  type Store,
  type StoredTask,
  type WorkerRow,
} from '#offstage/store/index.js';
import { heard } from '../../waiting.js';

/** A temporary folder that goes with the test. */
export function tempFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'offstage-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What keeps the stores of the tests that say what a store does, whatever keeps it: see `conformance.test.ts`. */
export interface Keeper {
  open(t: TestContext): Promise<Store>;
  /** As another process opens it. */
  again(store: Store): Promise<Store>;
}

let keeper: Keeper = {
  open: (t) => openStore(join(tempFolder(t), '.offstage', 'tasks.db'), { mount: 'direct' }),
  again: (store) => openStore(store.path, { mount: 'direct' }),
};

export function keepBy(other: Keeper): void {
  keeper = other;
}

/** A store of its own, closed with the test. */
export async function tempStore(t: TestContext, mount: 'direct' | 'thread' = 'direct'): Promise<Store> {
  const path = (): string => join(tempFolder(t), '.offstage', 'tasks.db');
  const store = mount === 'direct' ? await keeper.open(t) : await openStore(path(), { mount });
  t.after(() => store.close());
  return store;
}

/** The same store, as another process has it. */
export const openAgain = (store: Store): Promise<Store> => keeper.again(store);

export const spec = (more: Partial<Spec> = {}): Spec =>
  ({ name: 'job', recipe: 'job', timeout_ms: null, ...more }) as Spec;

/** A task to insert: of the recipe `job`, unless `more` says otherwise. */
export function newTask(more: Partial<Spec> = {}, rest: Partial<NewTask> = {}): NewTask {
  return {
    spec: spec(more),
    payloads: { input: '{"a":1}', config: '{}' },
    needs: [],
    maxConcurrent: null,
    code: null,
    onConflict: 'parallel',
    parent: null,
    childKey: null,
    ...rest,
  };
}

/** Submits one task and gives it as it is stored. */
export async function enter(store: Store, more: Partial<Spec> = {}, rest: Partial<NewTask> = {}): Promise<StoredTask> {
  const { tasks } = await store.run('submit', { tasks: [newTask(more, rest)], start: null });
  return tasks[0] as StoredTask;
}

/** Submits one task and gives its id. */
export async function submitOne(store: Store, more: Partial<Spec> = {}, needs: string[] = []): Promise<string> {
  return (await enter(store, more, { needs })).id;
}

/** What a worker starts now. */
export const claim = async (store: Store, worker: string): Promise<Claimed[]> =>
  (await store.run('claim', { worker })).started;

/** A task that the worker, which is registered, has run to its end. */
export async function completed(store: Store, worker: string, more: Partial<Spec> = {}): Promise<string> {
  const id = await submitOne(store, more);
  const { attempt, epoch } = (await claim(store, worker)).find((one) => one.id === id) as Claimed;
  await store.run('change', { changes: [{ id, command: { command: 'succeed', attempt, epoch } }] });
  return id;
}

/** The row of a worker that is this very process, or the one given. */
export function workerRow(id: string, pid = process.pid, more: Partial<WorkerRow> = {}): WorkerRow {
  const now = Date.now();
  return {
    ...here(),
    id,
    pid,
    start_time: startTime(pid) as string,
    state: 'live',
    concurrency: 5,
    max_concurrent: null,
    env: [],
    folders: true,
    recipes: [],
    lease_until: now + 30_000,
    started_at: now,
    ...more,
  };
}

/** A process that leads a group of its own and does nothing (`a & b`: with a child); killed with the test. */
export async function idleProcess(t: TestContext, command = 'sleep 1000'): Promise<ChildProcess & { pid: number }> {
  const [background, foreground] = command.includes(' & ') ? command.split(' & ') : ['', command];
  // A child says so itself, when it is what it is going to be: before, it is a copy of the shell.
  const ready = (program: string): string => `sh -c 'echo ready; exec ${program}'`;
  const [, variables = '', program = ''] = /^((?:\w+=\S+ )*)(.*)$/.exec(background as string) ?? [];
  const script = program ? `${variables}${ready(program)} & exec ${foreground}` : `exec ${ready(`${foreground}`)}`;
  const child = spawn('sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  await heard(child.stdout, 'data');
  t.after(() => {
    try {
      process.kill(-(child.pid as number), 'SIGKILL');
    } catch {
      // gone already
    }
  });
  return child as ChildProcess & { pid: number };
}

/** The first page of a list of all tasks, but for what is told. */
export const listQuery = (more: Partial<ListQuery> = {}): ListQuery => ({
  status: [],
  sessionId: null,
  recipe: null,
  attention: false,
  limit: 20,
  offset: 0,
  before: null,
  ...more,
});
