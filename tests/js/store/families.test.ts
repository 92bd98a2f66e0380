import assert from 'node:assert/strict';
import { test } from 'node:test';
import { due } from '#offstage/reap/index.js';
import { type Attempt, openStore, type Store } from '#offstage/store/index.js';
import { claim, enter, newTask, tempFolder, tempStore, workerRow } from './helpers.js';

const statusOf = async (store: Store, id: string) => (await store.run('get', { id, payloads: [] }))?.status;

const change = (store: Store, { id, attempt, epoch }: Attempt, command: 'succeed' | 'stopped') =>
  store.run('change', { changes: [{ id, command: { command, attempt, epoch } }] });

const fail = (store: Store, { id, attempt, epoch }: Attempt) => {
  const error = { code: 'failed', name: 'Error', message: 'no', retryable: true };
  return store.run('change', { changes: [{ id, command: { command: 'fail', attempt, epoch, error, settled: true } }] });
};

/** A running parent. */
async function running(store: Store, retries = 0): Promise<Attempt> {
  await store.run('register', { row: workerRow('w', process.pid, { concurrency: 9 }) });
  await enter(store, { name: 'parent', retries, backoff: { initial: 0 } });
  const [parent] = await claim(store, 'w');
  return parent as Attempt;
}

test('a cancelled parent takes along all live descendants, also below a child that completed and was cleared', async (t) => {
  const store = await tempStore(t);
  const parent = await running(store);
  const child = await enter(store, { parent_id: parent.id }, { parent });
  const [started] = await claim(store, 'w');
  const grandchild = await enter(store, { parent_id: child.id }, { parent: started as Attempt });
  const stranger = await enter(store);
  await change(store, started as Attempt, 'succeed');
  assert.deepEqual(await store.run('clear', { ids: [child.id], status: [], olderThan: null, dryRun: false }), {
    ids: [child.id],
    keys: 0,
  });
  await store.run('change', { changes: [{ id: parent.id, command: { command: 'cancel' } }] });
  assert.equal(await statusOf(store, grandchild.id), 'cancelled');
  assert.equal(await statusOf(store, stranger.id), 'pending');
});

test('before the next attempt of a parent the children without a key are cancelled, those with one are given back', async (t) => {
  const store = await tempStore(t);
  const parent = await running(store, 1);
  const loose = await enter(store, { parent_id: parent.id }, { parent });
  const below = await enter(store, { parent_id: loose.id });
  const keyed = await enter(store, { parent_id: parent.id }, { parent, childKey: 'one' });
  await fail(store, parent);
  assert.equal(await statusOf(store, loose.id), 'cancelled');
  assert.equal(await statusOf(store, below.id), 'cancelled');
  assert.equal(await statusOf(store, keyed.id), 'pending');
  const late = enter(store, { parent_id: parent.id }, { parent });
  await assert.rejects(late, { code: 'conflict', message: /the attempt that asks is over/ });
  const next = (await claim(store, 'w')).find(({ id }) => id === parent.id) as Attempt;
  assert.equal(next.attempt, 2);
  const again = await enter(store, { parent_id: parent.id }, { parent: next, childKey: 'one' });
  assert.deepEqual([again.id, again.deduplicated], [keyed.id, true]);
  await store.run('change', { changes: [{ id: keyed.id, command: { command: 'cancel' } }] });
  const anew = await enter(store, { parent_id: parent.id }, { parent: next, childKey: 'one' });
  assert.notEqual(anew.id, keyed.id, 'a cancelled child is submitted anew');
});

test('a parent that is unknown, or has ended, submits nothing; and 16 ancestors are the most', async (t) => {
  const store = await tempStore(t);
  const missing = `task_${'0'.repeat(32)}`;
  await assert.rejects(enter(store, { parent_id: missing }), { code: 'task_not_found' });
  let above = await enter(store);
  for (let depth = 1; depth <= 16; depth++) above = await enter(store, { parent_id: above.id });
  await assert.rejects(enter(store, { parent_id: above.id }), { code: 'conflict', message: /nested 16 deep/ });
  await store.run('change', { changes: [{ id: above.id, command: { command: 'cancel' } }] });
  await assert.rejects(enter(store, { parent_id: above.id }), { code: 'conflict', message: /has ended/ });
});

test('a parent lends its slot to its child, and gets it back before others start', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w', process.pid, { concurrency: 1 }) });
  await enter(store, { name: 'parent' });
  const [parent] = await claim(store, 'w');
  const attempt = parent as Attempt;
  await enter(store, { name: 'child', parent_id: attempt.id, priority: 10 }, { parent: attempt });
  await enter(store, { name: 'other' });
  assert.deepEqual(await claim(store, 'w'), [], 'the only slot is taken');
  await store.run('lend', { attempt });
  const [child, none] = await claim(store, 'w');
  assert.equal(none, undefined);
  await store.run('reclaim', { attempt });
  assert.deepEqual(await store.run('claim', { worker: 'w' }), { started: [], returned: [] });
  await change(store, child as Attempt, 'succeed');
  const { id, epoch } = attempt;
  assert.deepEqual(await store.run('claim', { worker: 'w' }), { started: [], returned: [{ id, attempt: 1, epoch }] });
  await change(store, attempt, 'succeed');
  assert.equal((await claim(store, 'w')).length, 1);
});

test('a limit over all workers holds for starts and for slots that are wanted back', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w1', process.pid, { max_concurrent: 2 }) });
  await store.run('register', { row: workerRow('w2') });
  await store.run('submit', { tasks: [newTask(), newTask(), newTask()], start: null });
  assert.equal((await claim(store, 'w1')).length, 2);
  assert.deepEqual(await claim(store, 'w2'), []);
  assert.equal((await store.run('poll', { worker: 'w2', running: [] })).claimable, false);
});

test('a completed child with a key is kept as long as its parent lives: a further attempt gets it back', async (t) => {
  let now = Date.now();
  const store = await openStore(`${tempFolder(t)}/.offstage/tasks.db`, { mount: 'direct', now: () => now });
  t.after(() => store.close());
  await store.run('register', { row: workerRow('w') });
  const parent = await enter(store);
  await claim(store, 'w');
  const child = (key: string | null) =>
    enter(store, { parent_id: parent.id }, { parent: { attempt: 1, epoch: 1 }, childKey: key });
  const [kept, plain] = [await child('a'), await child(null)];
  for (const { id } of await claim(store, 'w')) {
    await store.run('change', { changes: [{ id, command: { command: 'succeed', attempt: 1, epoch: 1 } }] });
    await store.run('see', { id });
  }
  const isThere = async (id: string) => (await store.run('get', { id, payloads: [] })) !== null;
  now += 2 * 3_600_000;
  await due(store);
  assert.deepEqual([await isThere(kept.id), await isThere(plain.id)], [true, false]);
  assert.equal(await due(store), 0, 'it is not looked at every time');
  assert.equal((await child('a')).id, kept.id);
  await store.run('change', { changes: [{ id: parent.id, command: { command: 'succeed', attempt: 1, epoch: 1 } }] });
  now += 3_600_000;
  await due(store);
  assert.equal(await isThere(kept.id), false);
});
