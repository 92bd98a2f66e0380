/** What the events of a store say of tasks that have gone, and that no number of an event is given twice. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Store } from '#offstage/store/index.js';
import { backUp, restore } from '#offstage/store/sqlite/backup.js';
import { checkFile } from '#offstage/store/sqlite/check.js';
import { type Connection, connect } from '#offstage/store/sqlite/driver.js';
import { migrate } from '#offstage/store/sqlite/schema.js';
import { completed, newTask, submitOne, tempFolder, tempStore, workerRow } from './helpers.js';

interface Told {
  n: number;
  task: number;
  seq: number;
  kind: string;
  data: string;
}

function openFile(t: TestContext, { path }: { path: string }): Connection {
  const db = connect(path);
  t.after(() => db.close());
  return db;
}

const toldIn = (db: Connection): Told[] =>
  db.prepare('SELECT n, task, seq, kind, data FROM events ORDER BY n').all() as unknown as Told[];

const newest = (db: Connection): number => Number(db.prepare('SELECT max(n) AS n FROM events').get()?.n);

const meta = (db: Connection, key: string): string | undefined =>
  db.prepare('SELECT value FROM meta WHERE key = ?').get(key)?.value as string | undefined;

const clear = (store: Store, ids: readonly string[] | null = null) =>
  store.run('clear', { ids, status: [], olderThan: null, dryRun: false });

/** A store with a worker `w`. */
async function served(t: TestContext): Promise<{ store: Store; db: Connection }> {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  return { store, db: openFile(t, store) };
}

test('a task that goes leaves one event, of no task, behind all that the store has told', async (t) => {
  const { store, db } = await served(t);
  const first = await completed(store, 'w');
  const second = await completed(store, 'w');
  const last = newest(db);
  assert.equal(last, 6);
  await clear(store, [second]);
  const [cleared, ...others] = toldIn(db).slice(3);
  assert.deepEqual(others, []);
  const { seq, ...rest } = cleared as Told;
  assert.deepEqual(rest, { n: last + 1, task: 0, kind: 'cleared', data: JSON.stringify({ task_id: second }) });
  assert.equal(seq, 2, 'as the place of its task it is the only one');
  await submitOne(store);
  assert.equal(newest(db), last + 2, 'the numbers of what has gone are not given again');
  await clear(store, [first]);
  assert.deepEqual(
    toldIn(db).map(({ n, task }) => [n, task]),
    [
      [7, 0],
      [8, 3],
      [9, 0],
    ],
  );
});

test('of many that go at once the newest 10,000 are told, and up to where not all were is noted', async (t) => {
  const { store, db } = await served(t);
  const MANY = 10_004;
  const { tasks } = await store.run('submit', { tasks: Array.from({ length: MANY }, () => newTask()), start: null });
  await store.run('cancel', { ids: tasks.map(({ id }) => id), by: 'caller' });
  const before = newest(db);
  const read = before; // a reader that has seen everything
  assert.equal((await clear(store)).ids.length, MANY);
  const told = toldIn(db);
  assert.equal(told.length, 10_000);
  assert.ok(told.every(({ task, kind }) => task === 0 && kind === 'cleared'));
  assert.deepEqual(
    [told[0], told.at(-1)].map((one) => JSON.parse(String(one?.data)).task_id),
    [tasks[4]?.id, tasks.at(-1)?.id],
  );
  const forgotten = Number(meta(db, 'forgotten'));
  assert.ok(read < forgotten && forgotten < Number(told[0]?.n), `${read} < ${forgotten} < ${told[0]?.n}`);
  const id = await completed(store, 'w');
  await clear(store, [id]);
  assert.equal(toldIn(db).length, 10_000);
  assert.equal(Number(meta(db, 'forgotten')), told[0]?.n, 'the oldest went, as one came');
  assert.deepEqual((await checkFile(store.path)).problems, []);
});

test('what a task has noted goes at the bounds, but never the newest event of the store', async (t) => {
  const { store, db } = await served(t);
  const id = await submitOne(store);
  const [run] = (await store.run('claim', { worker: 'w' })).started;
  const { attempt, epoch } = run ?? assert.fail('it starts');
  db.exec(`UPDATE tasks SET event_count = 20000 WHERE id = '${id}'`); // as if steps, which stay, had filled it
  for (let n = 1; n < 4; n++) {
    const before = newest(db);
    const command = { command: 'log', attempt, epoch, line: `${n}` } as const;
    await store.run('change', { changes: [{ id, command }] });
    assert.deepEqual([newest(db), toldIn(db).filter(({ kind }) => kind === 'log').length], [before + 1, 1]);
  }
});

test('a task has one end: another one cannot be written', async (t) => {
  const { store, db } = await served(t);
  await completed(store, 'w');
  const end = (kind: string) => () =>
    db.exec(`INSERT INTO events (task, seq, at, kind, data) VALUES (1, 99, 0, '${kind}', '{}')`);
  for (const kind of ['completed', 'failed', 'cancelled']) assert.throws(end(kind), /UNIQUE/);
  assert.doesNotThrow(end('late_result'));
});

test('a store that was restored is another one to those who read its events; a backup of it is not', async (t) => {
  const { store, db } = await served(t);
  const id = meta(db, 'store_id');
  assert.match(String(id), /^[0-9a-f]{16}$/);
  const copy = join(tempFolder(t), 'copy.db');
  await backUp(store.path, copy);
  assert.equal(meta(openFile(t, { path: copy }), 'store_id'), id);
  const path = join(tempFolder(t), '.offstage', 'tasks.db');
  await restore(path, copy);
  assert.notEqual(meta(openFile(t, { path }), 'store_id'), id);
});

test('two files that are made are two stores', () => {
  const ids = [1, 2].map(() => {
    const db = connect(':memory:');
    migrate(db, () => {});
    const id = meta(db, 'store_id');
    db.close();
    return id;
  });
  assert.notEqual(ids[0], ids[1]);
});
