/** What is listed, how it is found, and that an index finds it. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ListQuery, Store } from '#offstage/store/index.js';
import { alternatives } from '#offstage/store/ops/list.js';
import { pageOf } from '#offstage/store/sql/list.js';
import { openToRead } from '#offstage/store/sqlite/check.js';
import { contextOf } from '#offstage/store/sqlite/from-here.js';
import { enter, listQuery as query, submitOne, tempStore, workerRow } from './helpers.js';

const listed = async (store: Store, more: Partial<ListQuery>) => {
  const { tasks, total } = await store.run('list', query(more));
  return { ids: tasks.map(({ id }) => id), total };
};

test('a name is found whether it is that of the recipe or of the task alone', async (t) => {
  const store = await tempStore(t);
  const own = await submitOne(store, { name: 'nightly', recipe: 'report' });
  const recipes = await submitOne(store, { name: 'nightly', recipe: 'nightly' });
  const other = await submitOne(store, { name: 'other', recipe: 'nightly' });
  assert.deepEqual(await listed(store, { name: 'nightly' }), { ids: [recipes, own], total: 2 });
  assert.deepEqual(await listed(store, { name: 'other' }), { ids: [other], total: 1 });
  assert.deepEqual(await listed(store, { name: 'night' }), { ids: [], total: 0 });
  assert.deepEqual(await listed(store, { name: 'nightly', recipe: 'report' }), { ids: [own], total: 1 });
  const [first] = (await store.run('list', query({ name: 'nightly', limit: 1 }))).tasks;
  assert.equal(first?.id, recipes);
});

test('since: those that were submitted at that moment or later, also after the clock went back', async (t) => {
  const store = await tempStore(t);
  const moments = [100, 900, 300, 500].map((n) => n * 1000);
  const ids: string[] = [];
  for (const now of moments) {
    t.mock.timers.enable({ apis: ['Date'], now });
    ids.push(await submitOne(store));
    t.mock.timers.reset();
  }
  const [, late, , last] = ids;
  assert.deepEqual(await listed(store, { since: 500_000 }), { ids: [last, late], total: 2 });
  assert.deepEqual(await listed(store, { since: 500_001 }), { ids: [late], total: 1 });
  assert.deepEqual(await listed(store, { since: 900_001 }), { ids: [], total: 0 });
  assert.deepEqual((await listed(store, { since: 0 })).total, 4);
});

test('relatives come along whatever else is asked, and count for nothing', async (t) => {
  const store = await tempStore(t);
  const parent = await submitOne(store, { session_id: 'a' });
  const child = await submitOne(store, { parent_id: parent, session_id: 'b' });
  const grandchild = await submitOne(store, { parent_id: child, session_id: 'c' });
  const sibling = await submitOne(store, { parent_id: parent, session_id: 'd' });
  await submitOne(store, { session_id: 'e' });
  const page = await store.run('list', query({ sessionId: 'b', relatives: true }));
  assert.deepEqual(
    [page.tasks.map(({ id }) => id), page.total, page.next, page.isCut],
    [[grandchild, child, parent], 1, null, false],
  );
  assert.deepEqual((await listed(store, { sessionId: 'a', relatives: true })).ids, [
    sibling,
    grandchild,
    child,
    parent,
  ]);
  assert.deepEqual((await listed(store, { sessionId: 'b' })).ids, [child]);
});

test('attention with a worker: only what it cannot run, each kind told apart', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  await submitOne(store);
  const needy = [(await enter(store, {}, { needs: ['NOBODY_HAS_THIS'] })).id];
  needy.unshift((await enter(store, {}, { code: 'in-an-app' })).id);
  await submitOne(store, { run_at: Date.now() + 3_600_000 });
  assert.deepEqual(await listed(store, { attention: true }), { ids: needy, total: 2 });
  assert.deepEqual((await listed(store, { attention: true, limit: 1 })).ids, needy.slice(0, 1));
  assert.deepEqual((await listed(store, { attention: true, status: ['failed'] })).ids, []);
  assert.deepEqual(await listed(store, { attention: true, status: ['completed'] }), { ids: [], total: 0 });
  assert.deepEqual((await listed(store, { attention: true, status: ['pending', 'failed'] })).ids, needy);
  await store.run('stopping', { worker: 'w' });
  assert.equal((await listed(store, { attention: true })).total, 3, 'a worker that stops runs nothing more');
});

test('a small list leaves out what lies beside the records', async (t) => {
  const store = await tempStore(t);
  await enter(store, {}, { payloads: { input: '{"a":1}', config: '{}' } });
  const payloads = async (more: Partial<ListQuery>) =>
    (await store.run('list', query(more))).tasks.map((task) => task.payloads);
  assert.deepEqual(await payloads({}), [{ input: '{"a":1}', config: '{}' }]);
  assert.deepEqual(await payloads({ small: true }), [{}]);
});

/** How SQLite would read a page. */
async function planOf(t: TestContext, more: Partial<ListQuery>): Promise<string> {
  const store = await tempStore(t);
  await submitOne(store, { name: 'nightly' });
  const db = await openToRead(store.path);
  try {
    const asked = query(more);
    const { sql, values } = pageOf(asked, db.drive(alternatives(contextOf(db), asked)));
    const rows = db.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...values);
    return rows.map(({ detail }) => detail).join('\n');
  } finally {
    db.close();
  }
}

for (const [what, more, indexes] of [
  ['a name', { name: 'nightly' }, ['tasks_name', 'tasks_recipe']],
  ['a state', { status: ['failed'] }, ['tasks_status']],
  ['a session', { sessionId: 's' }, ['tasks_session']],
  ['a recipe', { recipe: 'r' }, ['tasks_recipe']],
  ['since', { since: 1 }, ['INTEGER PRIMARY KEY']],
  ['a tag', { tags: ['a'] }, ['tagged USING PRIMARY KEY (tag=?)']],
  ['a tag, on a later page', { tags: ['a'], before: 5 }, ['tagged USING PRIMARY KEY (tag=? AND task<?)']],
  ['a tag, since', { tags: ['a'], since: 1 }, ['tagged USING PRIMARY KEY (tag=? AND task>?)']],
  ['two tags', { tags: ['a', 'b'] }, ['tagged USING PRIMARY KEY (tag=?)', ' USING PRIMARY KEY (tag=? AND task=?)']],
  ['a tag and more', { tags: ['a'], status: ['failed'], name: 'n' }, ['tagged USING PRIMARY KEY (tag=?)']],
  ['a tag and attention', { tags: ['a'], attention: true }, ['tagged USING PRIMARY KEY (tag=?)']],
  ['attention', { attention: true }, ['tasks_status', 'tasks_held', 'INTEGER PRIMARY KEY']],
] as [string, Partial<ListQuery>, string[]][]) {
  test(`a page by ${what} is read from an index, in its order`, async (t) => {
    const plan = await planOf(t, more);
    for (const index of indexes) assert.ok(plan.includes(index), plan);
    assert.ok(!/SCAN tasks(?! USING)|TEMP B-TREE/.test(plan), plan);
  });
}
