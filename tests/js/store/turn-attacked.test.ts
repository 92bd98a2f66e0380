/** What others do between two turns of a worker: each turn goes by what is stored then, whatever the worker's process remembers. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Change, type Claimed, type NewTask, openStore, type Store, type Turned } from '#offstage/store/index.js';
import { checkFile } from '#offstage/store/sqlite/check.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import { newTask, tempFolder, workerRow } from './helpers.js';

interface Scene {
  store: Store;
  /** As another process has it. */
  other: Store;
  clock: { wall: number };
}

async function scene(t: TestContext): Promise<Scene> {
  const path = join(tempFolder(t), '.offstage', 'tasks.db');
  const clock = { wall: Date.now() };
  const store = await openStore(path, { mount: 'direct', now: () => clock.wall });
  const other = await openStore(path, { mount: 'direct', now: () => clock.wall });
  t.after(async () => {
    for (const one of [store, other]) await one.close();
  });
  const row = { concurrency: 9, folders: false, recipes: ['job'] };
  await store.run('register', { row: workerRow('w', process.pid, row) });
  await other.run('register', { row: workerRow('v', process.pid, row) });
  return { store, other, clock };
}

const task = (more: Parameters<typeof newTask>[0] = {}): NewTask =>
  newTask(more, { code: 'job', payloads: { input: '1' } });

const turn = (store: Store, changes: Change[][], tasks: NewTask[] = [], worker = 'w', room = 9): Promise<Turned> =>
  store.run('turn', {
    worker,
    changes,
    submits: tasks.map((one) => ({ tasks: [one], start: null })),
    running: [],
    room,
  });

/** One that has started with its submit, and told something since. */
async function running(store: Store, more: Parameters<typeof newTask>[0] = {}, worker = 'w'): Promise<Claimed> {
  const { started } = await turn(store, [], [task(more)], worker);
  const run = started[0] ?? assert.fail('it has started');
  await turn(store, [[of(run, { command: 'log', line: 'it runs' })]], [], worker);
  return run;
}

const of = ({ id, attempt, epoch }: Claimed, command: object, rest: object = {}): Change =>
  ({ id, command: { attempt, epoch, ...command }, ...rest }) as Change;
const succeed = (run: Claimed): Change => of(run, { command: 'succeed' }, { payloads: { result: '"mine"' } });

const seen = async (store: Store, id: string): Promise<unknown> => {
  const stored = await store.run('get', { id, payloads: ['result'] });
  const kinds = ((await store.run('events', { id, after: 0, limit: 99 }))?.events ?? []).map(({ kind }) => kind);
  return stored === null ? null : [stored.status, stored.payloads.result ?? null, kinds.slice(3)];
};

const changedOf = ({ changed }: Turned): (boolean | string | null)[] =>
  changed.flatMap((one): (boolean | string | null)[] =>
    'answer' in one ? one.answer.map((each) => each?.changed ?? null) : [one.error.code],
  );

test('cancelled elsewhere: the end that comes is a late result, and the cancel stays', async (t) => {
  const { store, other } = await scene(t);
  const run = await running(store);
  await other.run('cancel', { ids: [run.id], by: 'caller', reason: 'enough' });
  const done = await turn(store, [[of(run, { command: 'log', line: 'still here' }), succeed(run)]]);
  assert.equal('answer' in (done.changed[0] as object), true);
  assert.deepEqual(await seen(other, run.id), ['cancelled', null, ['cancelled', 'late_result', 'stopped']]);
});

test('a row that was deleted by hand is gone for the worker, too, and takes nothing else along', async (t) => {
  const { store } = await scene(t);
  const [run, whole] = [await running(store), await running(store)];
  const db = connect(store.path);
  db.exec('PRAGMA foreign_keys = OFF');
  db.prepare('DELETE FROM tasks WHERE id = ?').run(run.id);
  db.close();
  const done = await turn(store, [[succeed(run)], [succeed(whole)]]);
  assert.deepEqual(changedOf(done), [null, true]);
  assert.deepEqual(await seen(store, run.id), null);
  assert.deepEqual(await seen(store, whole.id), ['completed', '"mine"', ['completed']]);
});

test('a record that was written by hand is the one that counts', async (t) => {
  const { store } = await scene(t);
  const run = await running(store);
  const db = connect(store.path);
  db.prepare("UPDATE tasks SET record = json_set(record, '$.name', 'another') WHERE id = ?").run(run.id);
  db.close();
  await turn(store, [[of(run, { command: 'log', line: 'more' })]]);
  await turn(store, [[succeed(run)]]);
  const stored = await store.run('get', { id: run.id, payloads: [] });
  assert.equal(JSON.parse(stored?.record ?? '{}').name, 'another');
});

test('an end of the first attempt that comes when the second one runs is not its end', async (t) => {
  const { store, other } = await scene(t);
  const run = await running(store, { on_lost: 'retry', retries: 3, backoff: { initial: 0, jitter: 0 } });
  await other.run('change', { changes: [of(run, { command: 'lose', reason: 'worker_gone', stopped: true })] });
  const again = (await turn(store, [])).started[0] ?? assert.fail('it runs again');
  assert.deepEqual([again.id, again.attempt, again.epoch], [run.id, 2, 2]);
  await turn(store, [[of(run, { command: 'log', line: 'of the first' })], [succeed(run)]]);
  const stored = await store.run('get', { id: run.id, payloads: ['result'] });
  assert.deepEqual([stored?.status, stored?.payloads.result], ['running', undefined]);
  assert.deepEqual(changedOf(await turn(store, [[succeed(again)]])), [true]);
  assert.deepEqual(((await seen(store, run.id)) as unknown[]).slice(0, 2), ['completed', '"mine"']);
});

test('of two workers in one process each ends its own, in whichever order their turns come', async (t) => {
  const { store, other } = await scene(t);
  const runs = await Promise.all([running(store), running(other, {}, 'v'), running(store), running(other, {}, 'v')]);
  const [a, b, c, d] = runs as [Claimed, Claimed, Claimed, Claimed];
  await Promise.all([turn(store, [[succeed(a)]]), turn(other, [[succeed(b)]], [], 'v')]);
  // Both say that they have ended the same: one of them has, the other one's result is kept beside.
  await Promise.all([turn(store, [[succeed(c)]]), turn(other, [[succeed(c)]], [], 'v')]);
  await turn(store, [[of(d, { command: 'log', line: 'by the other store' })]]);
  await turn(other, [[succeed(d)]], [], 'v');
  assert.deepEqual(await seen(store, c.id), ['completed', '"mine"', ['completed', 'late_result']]);
  for (const { id } of runs) {
    const [status, , kinds] = (await seen(store, id)) as [string, unknown, string[]];
    assert.deepEqual([status, kinds.filter((kind) => kind === 'completed').length], ['completed', 1]);
  }
  assert.equal((await store.run('counts', {})).completed, 4);
});

test('a clock that is set back makes nothing older than what is remembered', async (t) => {
  const { store, clock } = await scene(t);
  const run = await running(store);
  clock.wall -= 3_600_000;
  await turn(store, [[of(run, { command: 'log', line: 'an hour before' })]]);
  await turn(store, [[succeed(run)]]);
  const stored = await store.run('get', { id: run.id, payloads: [] });
  const { created_at, started_at, completed_at, updated_at } = JSON.parse(stored?.record ?? '{}');
  assert.ok(started_at >= created_at && completed_at >= started_at && updated_at >= completed_at, stored?.record);
  assert.deepEqual((await checkFile(store.path)).problems, []);
});

test('a fault while others commit: what is asked again goes by what they have made of it', async (t) => {
  const { store, other } = await scene(t);
  const run = await running(store);
  const db = connect(store.path);
  db.exec(
    "CREATE TRIGGER planted BEFORE INSERT ON events WHEN new.kind = 'completed' BEGIN SELECT RAISE(ABORT, 'planted'); END",
  );
  const ends = [[of(run, { command: 'log', line: 'last' })], [succeed(run)]];
  await assert.rejects(turn(store, ends), /planted/);
  db.exec('DROP TRIGGER planted');
  db.close();
  await other.run('cancel', { ids: [run.id], by: 'caller', reason: 'enough' });
  await turn(store, ends);
  assert.deepEqual(await seen(store, run.id), ['cancelled', null, ['cancelled', 'late_result', 'stopped']]);
});
