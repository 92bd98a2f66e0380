/** An attempt that its worker could not begin is given back to the store. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attempt, Store, StoredTask } from '#offstage/store/index.js';
import { claim, enter, newTask, tempStore, workerRow } from './helpers.js';

const release = (store: Store, { id, attempt, epoch }: Attempt) =>
  store.run('change', {
    changes: [{ id, command: { command: 'release', attempt, epoch, reason: 'no process could be started' } }],
  });

const read = (store: Store, id: string) => store.run('get', { id, payloads: [] }) as Promise<StoredTask>;

test('it is pending at its old place, with no attempt used, for any worker', async (t) => {
  const store = await tempStore(t);
  for (const id of ['w1', 'w2']) await store.run('register', { row: workerRow(id, process.pid, { concurrency: 1 }) });
  const first = (await enter(store)).id;
  await enter(store);
  const [taken] = await claim(store, 'w1');
  assert.equal(taken?.id, first);
  const [changed] = await release(store, taken as Attempt);
  assert.deepEqual([changed?.status, changed?.events.map(({ kind }) => kind)], ['pending', ['retry_scheduled']]);
  const task = await read(store, first);
  const { attempt, uncounted, started_at, epoch } = JSON.parse(task.record);
  assert.deepEqual([task.worker, attempt, uncounted, started_at, epoch], [null, 0, undefined, undefined, 1]);
  const poll = await store.run('poll', { worker: 'w1', running: [taken as Attempt] });
  assert.deepEqual([poll.claimable, poll.ended.length], [true, 1], 'its slot is free, and it is not the attempt of w1');
  const [again] = await claim(store, 'w2');
  assert.deepEqual([again?.id, again?.attempt, again?.epoch], [first, 1, 2], 'before the one behind it');
});

test('a store that has counted it among its recipe counts it no more, and its session lets nobody pass', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  const one = { session_id: 's' };
  const submit = (onConflict: 'parallel' | 'enqueue') =>
    store.run('submit', { tasks: [newTask(one, { maxConcurrent: 1, onConflict })], start: null });
  await submit('parallel');
  await submit('enqueue');
  const [taken] = await claim(store, 'w');
  await release(store, taken as Attempt);
  const next = await claim(store, 'w');
  assert.deepEqual(
    next.map(({ id }) => id),
    [taken?.id],
  );
});

test('given back twice is given back once, and not by one that has lost it', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  await enter(store);
  const [taken] = await claim(store, 'w');
  await release(store, taken as Attempt);
  assert.equal((await release(store, taken as Attempt))[0]?.changed, false);
  const [again] = await claim(store, 'w');
  assert.equal((await release(store, taken as Attempt))[0]?.changed, false);
  assert.equal((await read(store, again?.id as string)).status, 'running');
});
