/**
 * Turns with all that a turn may bring, and what breaks them at one of their statements.
 *
 * A scene is made once, and each try works on a copy of its file: whom a turn names is the same each time.
 */
import { cpSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Backend, Moment, Program } from '#offstage/ports/backend.js';
import {
  type Change,
  type Claimed,
  openStore,
  type Store,
  type StoredTask,
  storeOver,
  type Turn,
} from '#offstage/store/index.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import { openSqlite } from '#offstage/store/sqlite/open.js';
import type { Submitted } from '#offstage/store/types.js';
import { newTask, type spec, tempFolder, workerRow } from './helpers.js';
import { backendWith } from './through.js';

type More = Parameters<typeof spec>[0];

/** What a turn asks, and where the store is that it is asked of. */
export interface Scene {
  path: string;
  asked: Turn;
  /** One that waits. */
  pending: string;
}

const succeed = ({ id, attempt, epoch }: Claimed, result?: string): Change => ({
  id,
  command: { command: 'succeed', attempt, epoch },
  ...(result === undefined ? {} : { payloads: { result } }),
});
const log = ({ id, attempt, epoch }: Claimed, line: string): Change => ({
  id,
  command: { command: 'log', attempt, epoch, line },
});
const failed = { code: 'failed', name: 'Error', message: 'no', retryable: true } as const;
const alone = (...args: Parameters<typeof newTask>) => ({ tasks: [newTask(...args)], start: null });
const code = (more: More, rest: Parameters<typeof newTask>[1] = {}) =>
  alone(more, { code: 'job', payloads: { input: '1' }, ...rest });

const idOf = ({ tasks: [task] }: Submitted): string => (task as StoredTask).id;

/** A store in which the worker `w`, this process, has so many slots. */
async function served(t: TestContext, concurrency: number): Promise<Store> {
  const store = await openStore(join(tempFolder(t), '.offstage', 'tasks.db'), { mount: 'direct' });
  await store.run('register', { row: workerRow('w', process.pid, { concurrency, recipes: ['job'] }) });
  return store;
}

async function running(store: Store, more: More, rest: Parameters<typeof newTask>[1] = {}): Promise<Claimed> {
  const { tasks } = await store.run('submit', alone(more, rest));
  const { started } = await store.run('claim', { worker: 'w' });
  const found = started.find(({ id }) => id === tasks[0]?.id);
  if (found === undefined) throw new Error(`${more?.name} has not started`);
  return found;
}

/** Ends of all kinds, children, a slot that is wanted back, sessions, parts that are refused half-way, and starts. */
async function everything(t: TestContext): Promise<Scene> {
  const store = await served(t, 4);
  const lender = await running(store, { name: 'lender' });
  await store.run('lend', { attempt: lender });
  const kid = await running(store, { name: 'kid', parent_id: lender.id }, { parent: lender });
  const ender = await running(store, { name: 'ender', session_id: 's', idempotency_key: 'k' });
  const again = await running(store, { name: 'again', retries: 1, backoff: { initial: 0, jitter: 0 } });
  const doomed = await running(store, { name: 'doomed' });
  await store.run('submit', alone({ name: 'orphan', parent_id: again.id }, { parent: again }));
  await store.run('submit', alone({ name: 'old', session_id: 'i' }));
  await store.run('submit', alone({ name: 'waiting', priority: 5 }));
  const later = await store.run('submit', alone({ name: 'later', delay_ms: 3_600_000 }));
  await store.run('cancel', { ids: [doomed.id], by: 'caller', reason: 'enough' });
  await store.run('reclaim', { attempt: lender });
  await store.close();
  const refused = { id: kid.id, command: { command: 'answer', key: 'none', action: 'decline' } } as const;
  const { attempt, epoch } = again;
  const changes: Change[][] = [
    [log(kid, 'refused with what follows'), refused],
    [succeed(kid)],
    [log(ender, 'last words')],
    [succeed(ender, '"r"')],
    [{ id: again.id, command: { command: 'fail', error: failed, settled: true, attempt, epoch } }],
  ];
  const submits = [
    alone({ name: 'born', parent_id: ender.id }, { parent: ender }),
    alone({ name: 'next', session_id: 's' }, { onConflict: 'reject' }),
    { tasks: [newTask({ name: 'not alone' }), newTask({ name: 'refused', priority: 0.5 })], start: null },
    alone({ name: 'interrupts', session_id: 'i' }, { onConflict: 'interrupt' }),
    alone({ name: 'known', idempotency_key: 'k' }),
    { tasks: [newTask({ name: 'one' }), newTask({ name: 'two' })], start: null },
  ];
  return {
    path: store.path,
    asked: { worker: 'w', changes, submits, running: [lender, doomed], room: 9 },
    pending: idOf(later),
  };
}

/** What an app's own worker has most of the time: ends, and newcomers that are inserted as running. */
async function newcomers(t: TestContext): Promise<Scene> {
  const store = await served(t, 4);
  const rest = { code: 'job', payloads: { input: '1' } };
  const later = await store.run('submit', alone({ name: 'later', delay_ms: 3_600_000 }));
  const ends = [await running(store, { name: 'a' }, rest), await running(store, { name: 'b' }, rest)];
  await store.close();
  const submits = [code({ name: 'c' }), code({ name: 'd', session_id: 's' }), code({ name: 'e', priority: 5 })];
  const changes = [
    [log(ends[0] as Claimed, 'a line'), succeed(ends[0] as Claimed, '"r"')],
    [succeed(ends[1] as Claimed)],
  ];
  return { path: store.path, asked: { worker: 'w', changes, submits, running: [], room: 9 }, pending: idOf(later) };
}

export const SCENES = { everything, newcomers } as const;

/** A copy of the scene's store. */
export function copyOf(t: TestContext, { path }: Scene): string {
  const folder = join(tempFolder(t), '.offstage');
  cpSync(dirname(path), folder, { recursive: true });
  return join(folder, 'tasks.db');
}

/** Called after each statement of a turn with its number, however often the turn is begun; what it throws is the statement's. */
export type Break = (statement: number) => void;

/** A store in which turns meet that. */
export async function breaking(path: string, onStatement: Break): Promise<Store> {
  const backend = await openSqlite(path);
  let n = 0;
  function* watched<T>(program: Program<T>): Program<T> {
    let step = program.next();
    while (!step.done) {
      const answer = yield step.value;
      onStatement(++n);
      step = program.next(answer);
    }
    return step.value;
  }
  const write: Backend['write'] = (locks, program, options) =>
    backend.write(
      locks,
      options.looksFor === undefined ? program : (moment: Moment) => watched(program(moment)),
      options,
    );
  return storeOver(backendWith(backend, { write }));
}

/** All that the file holds. */
export function contentOf(path: string): Record<string, unknown[]> {
  const db = connect(path);
  try {
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
    return Object.fromEntries(
      tables.map(({ name }) => [
        String(name),
        db
          .prepare(`SELECT * FROM ${name}`)
          .all()
          .map((row) => ({ ...row })),
      ]),
    );
  } finally {
    db.close();
  }
}

/** What of it is the same whenever the same was done: each task by its name, with its state, its events in order, and its payloads. */
export function shapeOf(path: string): unknown {
  const db = connect(path);
  try {
    const tasks = db
      .prepare('SELECT seq, record, status, slot, epoch, lent, wants FROM tasks')
      .all()
      .map(({ seq, record, ...row }) => {
        const { name, attempt } = JSON.parse(String(record)) as { name: string; attempt: number };
        const events = db.prepare('SELECT kind FROM events WHERE task = ? ORDER BY seq').all(Number(seq));
        const payloads = db.prepare('SELECT kind, data FROM payloads WHERE task = ? ORDER BY kind').all(Number(seq));
        const held = [...events.map(({ kind }) => kind), ...payloads.map((one) => `${one.kind}=${one.data}`)];
        return [name, attempt, { ...row, wants: row.wants !== null }, held];
      });
    const counts = db
      .prepare("SELECT status, n FROM counts WHERE n > 0 AND status <> 'payload_bytes' ORDER BY 1")
      .all();
    return {
      tasks: tasks.sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1)),
      counts: counts.map((row) => ({ ...row })),
    };
  } finally {
    db.close();
  }
}

/** The files of a store as they are now: what a process that is killed here leaves. */
export function filesAt(path: string, folder: string): string {
  for (const name of readdirSync(dirname(path))) {
    if (name.startsWith('tasks.db')) cpSync(join(dirname(path), name), join(folder, name));
  }
  return join(folder, 'tasks.db');
}
