/** Tags: stored with their task, found by an index of their own, gone with it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '#offstage/store/sqlite/driver.js';
import type { ListQuery } from '#offstage/store/types.js';
import { claim, enter, idleProcess, submitOne, tempStore, workerRow } from './helpers.js';

const QUERY: ListQuery = {
  status: [],
  sessionId: null,
  recipe: null,
  attention: false,
  limit: 2,
  offset: 0,
  before: null,
};

test('tasks with all of some tags, newest first, page by page, with other filters, counted', async (t) => {
  const store = await tempStore(t);
  const tagged = async (tags: string[], spec = {}): Promise<string> => (await enter(store, spec, { tags })).id;
  const a = [await tagged(['a', 'b']), await tagged(['a'], { session_id: 's' }), await tagged(['a', 'b', 'c'])];
  await tagged(['b']);
  await submitOne(store);
  const list = (more: Partial<ListQuery>) => store.run('list', { ...QUERY, ...more });
  const first = await list({ tags: ['a'] });
  assert.deepEqual([first.tasks.map(({ id }) => id), first.total, first.totalExact], [[a[2], a[1]], 3, true]);
  assert.deepEqual(first.tasks[0]?.tags, ['a', 'b', 'c']);
  const second = await list({ tags: ['a'], before: first.next });
  assert.deepEqual([second.tasks.map(({ id }) => id), second.next], [[a[0]], null]);
  assert.deepEqual(
    (await list({ tags: ['b', 'a'] })).tasks.map(({ id }) => id),
    [a[2], a[0]],
  );
  assert.deepEqual(
    (await list({ tags: ['a'], sessionId: 's' })).tasks.map(({ id }) => id),
    [a[1]],
  );
  assert.equal((await list({ tags: ['a'], status: ['failed'] })).total, 0);
  assert.equal((await list({ tags: ['a'], attention: true })).total, 3, 'nobody can run them');
  assert.deepEqual([(await list({ tags: ['A'] })).total, (await list({ tags: ['d'] })).total], [0, 0]);
});

test('a task that is retried keeps its tags; one that is removed leaves none', async (t) => {
  const store = await tempStore(t);
  const { id } = await enter(store, {}, { tags: ['x', 'y'] });
  await store.run('change', { changes: [{ id, command: { command: 'cancel', by: 'caller' } }] });
  const { task } = await store.run('retry', { id, start: null });
  assert.deepEqual(task.tags, ['x', 'y']);
  await store.run('clear', { ids: [id], status: [], olderThan: null, dryRun: false });
  const { tasks } = await store.run('list', { ...QUERY, tags: ['x'] });
  assert.deepEqual(
    tasks.map((one) => one.id),
    [task.id],
  );
  const db = connect(store.path);
  t.after(() => db.close());
  assert.equal(db.prepare('SELECT count(*) AS n FROM task_tags').get()?.n, 2);
});

test('a worker that runs a task with tags changes none of them', async (t) => {
  const store = await tempStore(t);
  const { pid } = await idleProcess(t);
  await store.run('register', { row: workerRow('w', pid) });
  const { id } = await enter(store, {}, { tags: ['x'] });
  assert.equal((await claim(store, 'w'))[0]?.id, id);
  assert.deepEqual((await store.run('get', { id, payloads: [] }))?.tags, ['x']);
});
