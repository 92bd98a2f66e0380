/** The events of all tasks in the order of their commits, page by page. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type EventPlace, type FeedAnswer, type FeedRequest, openStore, type Store } from '#offstage/store/index.js';
import { type Connection, connect } from '#offstage/store/sqlite/driver.js';
import { migrate, STEPS } from '#offstage/store/sqlite/schema.js';
import { completed, newTask, submitOne, tempFolder, tempStore, workerRow } from './helpers.js';

const ALL: FeedRequest = { after: 'start', limit: 1000, kinds: null, task: null, recipe: null, session: null };

const read = async (store: Store, more: Partial<FeedRequest> = {}): Promise<FeedAnswer> => {
  const answer = await store.run('feed', { ...ALL, ...more });
  assert.ok(answer !== null);
  return answer;
};

const at = ({ store }: FeedAnswer, n: number) => ({ store, n });

const told = ({ events }: FeedAnswer): string[] => events.map(({ task, kind, name }) => `${task} ${kind} ${name}`);

function openFile(t: TestContext, { path }: { path: string }): Connection {
  const db = connect(path);
  t.after(() => db.close());
  return db;
}

/** So many events of a task that nobody here asks for, in a file of the newest schema. */
function foreign(db: Connection, count: number): void {
  db.exec(`INSERT INTO events (task, seq, at, kind, data)
    WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < ${count})
    SELECT (SELECT max(seq) FROM tasks), 1000 + n, 5, 'log', '{"line":"x"}' FROM i`);
}

test('events of all tasks come in the order of their commits, with what their task is called', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  const first = await submitOne(store, { name: 'one' });
  const second = await submitOne(store);
  await store.run('cancel', { ids: [first], by: 'caller' });
  const page = await read(store);
  assert.deepEqual(told(page), [`${first} submitted one`, `${second} submitted job`, `${first} cancelled one`]);
  assert.deepEqual([page.next, page.more, page.reset], [3, false, null]);
  assert.deepEqual((await read(store, { after: at(page, 3) })).events, []);
  assert.equal((await read(store, { after: 'now' })).next, 3);
  const small = await read(store, { limit: 2 });
  assert.deepEqual([small.events.length, small.next, small.more], [2, 2, true]);
});

test('a filter hides, and the cursor passes what it hid', async (t) => {
  const store = await tempStore(t);
  await submitOne(store, { recipe: 'a', session_id: 's' });
  const last = await submitOne(store, { recipe: 'b' });
  await store.run('cancel', { ids: [last], by: 'caller' });
  assert.deepEqual(told(await read(store, { recipe: 'b' })).length, 2);
  assert.deepEqual(told(await read(store, { session: 's' })).length, 1);
  assert.deepEqual(told(await read(store, { kinds: ['cancelled'] })), [`${last} cancelled job`]);
  assert.deepEqual(told(await read(store, { task: last, kinds: ['submitted'] })), [`${last} submitted job`]);
  const none = await read(store, { recipe: 'none' });
  assert.deepEqual([none.events, none.next, none.more], [[], 3, false]);
  const of = await read(store, { task: last, limit: 1 });
  assert.deepEqual([of.next, of.more], [2, true]);
});

test('a cursor passes 100,000 foreign events in bounded calls', async (t) => {
  const store = await tempStore(t);
  await submitOne(store, { recipe: 'noise' });
  foreign(openFile(t, store), 100_000);
  const mine = await submitOne(store, { recipe: 'mine' });
  let calls = 0;
  let page = await read(store, { recipe: 'mine', limit: 200 });
  const seen = told(page);
  for (calls = 1; page.more; calls++) {
    page = await read(store, { recipe: 'mine', limit: 200, after: at(page, page.next) });
    seen.push(...told(page));
  }
  assert.deepEqual(seen, [`${mine} submitted job`]);
  assert.ok(calls <= 11, `${calls} calls`);
});

test('the newest events are deleted and others come: a reader misses none', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  await submitOne(store, { recipe: 'other' });
  const gone = await completed(store, 'w');
  const before = await read(store);
  await store.run('clear', { ids: [gone], status: [], olderThan: null, dryRun: false });
  const next = await submitOne(store);
  const page = await read(store, { after: at(before, before.next) });
  assert.deepEqual(told(page), ['null cleared ', `${next} submitted job`]);
  assert.deepEqual(JSON.parse(page.events[0]?.data ?? ''), { task_id: gone });
  const of = await read(store, { task: gone });
  assert.deepEqual(told(of), ['null cleared '], 'asked for by itself too');
  assert.deepEqual(told(await read(store, { task: gone, kinds: ['completed'] })), []);
});

test('what was told of the oldest that went is forgotten: a cursor before that is too old', async (t) => {
  const store = await tempStore(t);
  const db = openFile(t, store);
  await submitOne(store);
  const known = await read(store);
  db.exec("INSERT INTO meta VALUES ('forgotten', '5')");
  foreign(db, 10);
  const page = await read(store, { after: at(known, 4) });
  assert.deepEqual([page.events, page.reset, page.next], [[], 'too_old', 11]);
  assert.equal((await read(store, { after: at(known, 5) })).reset, null);
  assert.equal((await read(store)).reset, null, 'whoever begins has missed nothing');
});

test('a cursor of another store, or beyond the end of this one, is told that', async (t) => {
  const store = await tempStore(t);
  await submitOne(store);
  const other = await read(store, { after: { store: 'f'.repeat(16), n: 1 } });
  assert.deepEqual([other.reset, other.events, other.next], ['store_replaced', [], 1]);
  const beyond = await read(store, { after: at(other, 2) });
  assert.equal(beyond.reset, 'store_replaced', 'an earlier copy of the file was put in its place');
});

test('what has ended, or has gone, since a place is told by itself, and all to which something has happened', async (t) => {
  const store = await tempStore(t);
  const since = (after: EventPlace | null, endsOnly = true) => store.run('changedSince', { after, endsOnly });
  const idsOf = async (after: EventPlace | null, endsOnly: boolean) =>
    new Set((await since(after, endsOnly)).changed?.map(({ id, ended }) => `${id} ${ended}`));
  await store.run('register', { row: workerRow('w') });
  const begin = await since(null);
  assert.deepEqual([begin.changed, begin.at?.n], [null, 0]);
  const done = await completed(store, 'w');
  const live = await submitOne(store);
  assert.deepEqual(await idsOf(begin.at, true), new Set([`${done} true`]));
  assert.deepEqual(await idsOf(begin.at, false), new Set([`${done} false`, `${done} true`, `${live} false`]));
  const { at } = await since(begin.at);
  await store.run('clear', { ids: [done], status: [], olderThan: null, dryRun: false });
  await store.run('cancel', { ids: [live], by: 'caller' });
  const both = new Set([`${done} true`, `${live} true`]);
  assert.deepEqual([await idsOf(at, true), await idsOf(at, false)], [both, both]);
  const later = await since(at);
  assert.deepEqual(await since(later.at), { at: later.at, changed: [] });
  const other = { store: 'f'.repeat(16), n: 0 };
  assert.deepEqual((await since(other)).changed, null, 'of another store nothing is known');
});

test('a file of an older schema has no feed until it is written', async (t) => {
  const path = join(tempFolder(t), 'tasks.db');
  const db = connect(path);
  migrate(db, () => {}, STEPS.slice(0, 9));
  db.close();
  const store = await openStore(path, { mount: 'direct' });
  t.after(() => store.close());
  assert.equal(await store.run('feed', ALL), null);
  assert.deepEqual(await store.run('changedSince', { after: null, endsOnly: true }), { at: null, changed: null });
  await store.run('submit', { tasks: [newTask()], start: null });
  assert.equal((await read(store)).events.length, 1);
});

test('what is looked for by kind, recipe or task is found by index or passed in order, never sorted', async (t) => {
  const store = await tempStore(t);
  const { statements } = await import('#offstage/store/sql/statement.js');
  await import('#offstage/store/sql/feed.js');
  const db = openFile(t, store);
  for (const name of ['feed.page', 'feed.of_task', 'feed.cleared_task', 'feed.window_end']) {
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${statements().get(name)}`).all();
    const text = plan.map(({ detail }) => String(detail)).join('; ');
    assert.doesNotMatch(text, /TEMP B-TREE|SCAN [et]\b/, `${name}: ${text}`);
  }
});
