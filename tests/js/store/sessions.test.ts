import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attempt, Store } from '#offstage/store/index.js';
import { claim, enter, newTask, tempStore, workerRow } from './helpers.js';

const statusOf = async (store: Store, id: string) => (await store.run('get', { id, payloads: [] }))?.status;

const change = (store: Store, { id, attempt, epoch }: Attempt, command: 'succeed' | 'stopped') =>
  store.run('change', { changes: [{ id, command: { command, attempt, epoch } }] });

async function withWorkers(t: Parameters<typeof tempStore>[0]): Promise<Store> {
  const store = await tempStore(t);
  for (const id of ['w1', 'w2']) await store.run('register', { row: workerRow(id) });
  return store;
}

test('enqueue: in the order of creation, over all workers, past what stops', async (t) => {
  const store = await withWorkers(t);
  const first = await enter(store, { session_id: 's' });
  const second = await enter(store, { session_id: 's', priority: 10 }, { onConflict: 'enqueue' });
  const elsewhere = await enter(store, { session_id: 'z' }, { onConflict: 'enqueue' });
  const [one, other] = await claim(store, 'w1');
  assert.deepEqual([one?.id, other?.id], [first.id, elsewhere.id]);
  assert.deepEqual(await claim(store, 'w2'), []);
  await store.run('change', { changes: [{ id: first.id, command: { command: 'cancel' } }] });
  assert.deepEqual(await claim(store, 'w2'), [], 'what stops is in the session still');
  await change(store, one as Attempt, 'stopped');
  assert.deepEqual(
    (await claim(store, 'w2')).map(({ id }) => id),
    [second.id],
  );
});

test('interrupt cancels the live ones in the same transaction and starts when they have stopped', async (t) => {
  const store = await withWorkers(t);
  const runs = await enter(store, { session_id: 's' });
  const [running] = await claim(store, 'w1');
  const waits = await enter(store, { session_id: 's' });
  const bad = enter(store, { session_id: 's', name: 'x'.repeat(201) }, { onConflict: 'interrupt' });
  await assert.rejects(bad, { code: 'invalid_argument' });
  assert.equal(await statusOf(store, runs.id), 'running', 'a refused submit cancels nothing');
  const newcomer = await enter(store, { session_id: 's' }, { onConflict: 'interrupt' });
  assert.deepEqual([await statusOf(store, runs.id), await statusOf(store, waits.id)], ['cancelled', 'cancelled']);
  assert.deepEqual(await claim(store, 'w2'), []);
  await change(store, running as Attempt, 'stopped');
  assert.equal((await claim(store, 'w2'))[0]?.id, newcomer.id);
});

test('reject: while a task of the session is live or stopping; ancestors do not count', async (t) => {
  const store = await withWorkers(t);
  const first = await enter(store, { session_id: 's' }, { onConflict: 'reject' });
  const refused = () => enter(store, { session_id: 's' }, { onConflict: 'reject' });
  await assert.rejects(refused(), { code: 'conflict', message: /session 's' is in use/ });
  const [running] = await claim(store, 'w1');
  await enter(store, { session_id: 's', parent_id: first.id }, { onConflict: 'reject', parent: running as Attempt });
  await store.run('change', { changes: [{ id: first.id, command: { command: 'cancel' } }] });
  await assert.rejects(refused(), { code: 'conflict' });
  await change(store, running as Attempt, 'stopped');
  await refused();
});

test('a key is one task while it lives or is completed; other input is a conflict; failed and cancelled ones free it', async (t) => {
  const store = await withWorkers(t);
  const key = { idempotency_key: 'k' };
  const first = await enter(store, key, { payloads: { input: '{"a":1,"b":2}', config: '{}' } });
  const same = await enter(store, key, { payloads: { input: '{"b":2,"a":1}', config: '{}' } });
  assert.deepEqual([same.id, same.deduplicated], [first.id, true]);
  await assert.rejects(enter(store, key, { payloads: { input: '{"a":2}' } }), { code: 'conflict', taskId: first.id });
  assert.notEqual((await enter(store, { ...key, recipe: 'other' })).id, first.id, 'another recipe, another space');
  const [running] = await claim(store, 'w1');
  await change(store, running as Attempt, 'succeed');
  assert.equal((await enter(store, key, { payloads: { input: '{"b":2,"a":1}', config: '{}' } })).id, first.id);
  const again = await store.run('retry', { id: first.id, start: null });
  assert.equal(
    (await enter(store, key, { payloads: { input: '{"a":1,"b":2}', config: '{}' } })).id,
    again.task.id,
    'it takes the key over',
  );
  await store.run('change', { changes: [{ id: again.task.id, command: { command: 'cancel' } }] });
  const fresh = await enter(store, key, { payloads: { input: '7' } });
  assert.equal(fresh.deduplicated, undefined);
});

test('two processes that submit one key at once make one task', async (t) => {
  const store = await withWorkers(t);
  const all = await Promise.all(Array.from({ length: 20 }, () => enter(store, { idempotency_key: 'once' })));
  assert.equal(new Set(all.map(({ id }) => id)).size, 1);
  assert.equal(all.filter(({ deduplicated }) => deduplicated).length, 19);
});

test('of several that are submitted at once each is told as it is in the end', async (t) => {
  const store = await tempStore(t);
  const task = newTask({ session_id: 's' }, { onConflict: 'interrupt' });
  const { tasks } = await store.run('submit', { tasks: [task, task], start: null });
  assert.deepEqual(
    tasks.map(({ status, record }) => [status, JSON.parse(record).status]),
    [
      ['cancelled', 'cancelled'],
      ['pending', 'pending'],
    ],
  );
});

test('a retried task that had to wait for its session has to wait again', async (t) => {
  const store = await withWorkers(t);
  const first = await enter(store, { session_id: 's' });
  const second = await enter(store, { session_id: 's' }, { onConflict: 'enqueue' });
  await store.run('change', { changes: [{ id: second.id, command: { command: 'cancel' } }] });
  const { task } = await store.run('retry', { id: second.id, start: null });
  assert.deepEqual(
    (await claim(store, 'w1')).map(({ id }) => id),
    [first.id],
  );
  await store.run('change', { changes: [{ id: first.id, command: { command: 'succeed', attempt: 1, epoch: 1 } }] });
  assert.deepEqual(
    (await claim(store, 'w1')).map(({ id }) => id),
    [task.id],
  );
});
