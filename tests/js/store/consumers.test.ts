/** Who reads the feed: one process at a time, by a lease; and requests that come again. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openStore, type Store } from '#offstage/store/index.js';
import { newTask, submitOne, tempFolder } from './helpers.js';

/** A store on a clock of its own. */
async function onClock(t: TestContext): Promise<{ store: Store; pass(ms: number): void }> {
  let now = Date.now();
  const path = join(tempFolder(t), '.offstage', 'tasks.db');
  const store = await openStore(path, { mount: 'direct', now: () => now });
  t.after(() => store.close());
  return {
    store,
    pass: (ms) => {
      now += ms;
    },
  };
}

const take = (store: Store, owner: string, from: 'now' | 'start' = 'start') =>
  store.run('takeOver', { name: 'audit', owner, from, lease: 30_000 });

const keep = (store: Store, owner: string, epoch: number, after: number | null = null, lease = 30_000) =>
  store.run('holdOn', { name: 'audit', owner, epoch, after, lease });

test('one at a time has it, and the next one goes on from what was dealt with', async (t) => {
  const { store, pass } = await onClock(t);
  await submitOne(store);
  assert.deepEqual(await take(store, 'a'), { epoch: 1, after: 0 });
  assert.deepEqual(await take(store, 'b'), { heldFor: 30_000 });
  assert.equal(await keep(store, 'a', 1, 1), true);
  pass(29_999);
  assert.deepEqual(await take(store, 'b'), { heldFor: 1 });
  pass(1);
  assert.deepEqual(await take(store, 'b'), { epoch: 2, after: 1 });
  assert.equal(await keep(store, 'a', 1, 0), false, 'what it has dealt with since does not count');
  assert.deepEqual(await take(store, 'a'), { heldFor: 30_000 });
});

test('it is given back at once, and taken again by the same owner under another epoch', async (t) => {
  const { store } = await onClock(t);
  await take(store, 'a');
  assert.equal(await keep(store, 'a', 1, 0, 0), true);
  assert.deepEqual(await take(store, 'b'), { epoch: 2, after: 0 });
  assert.deepEqual(await take(store, 'b'), { epoch: 3, after: 0 });
  assert.equal(await keep(store, 'b', 2), false);
});

test('a new one begins before all that is kept, or behind it', async (t) => {
  const { store } = await onClock(t);
  await submitOne(store);
  assert.deepEqual(await store.run('takeOver', { name: 'late', owner: 'a', from: 'now', lease: 1 }), {
    epoch: 1,
    after: 1,
  });
  await submitOne(store);
  const again = await store.run('takeOver', { name: 'late', owner: 'a', from: 'start', lease: 1 });
  assert.deepEqual(again, { epoch: 2, after: 1 }, 'where it begins counts once');
});

test('a request that comes again adds nothing for a day, and another one under its key is refused', async (t) => {
  const { store, pass } = await onClock(t);
  const submit = (digest: string) =>
    store.run('submit', { tasks: [newTask(), newTask()], start: null, request: { key: 'k', digest } });
  const ids = async (digest: string) => (await submit(digest)).tasks.map(({ id }) => id);
  const first = await ids('one');
  assert.deepEqual(await ids('one'), first);
  assert.deepEqual(
    (await store.run('answered', { key: 'k', digest: 'one' }))?.tasks.map(({ id }) => id),
    first,
  );
  assert.equal(await store.run('answered', { key: 'other', digest: 'one' }), null);
  await assert.rejects(submit('two'), { code: 'conflict', message: /^requestKey: 'k' belongs to another request/ });
  assert.equal((await store.run('counts', {})).pending, 2);
  await store.run('cancel', { ids: first, by: 'clear' });
  await store.run('clear', { ids: first, status: [], olderThan: null, dryRun: false });
  assert.deepEqual(await ids('one'), first, 'also when they have gone');
  assert.equal((await store.run('counts', {})).pending, 0);
  pass(24 * 3_600_000);
  assert.notDeepEqual(await ids('one'), first);
});

test('a submit that is refused leaves its key free', async (t) => {
  const { store } = await onClock(t);
  const request = { key: 'k', digest: 'one' };
  const bad = newTask({ parent_id: `task_${'0'.repeat(32)}` });
  await assert.rejects(store.run('submit', { tasks: [newTask(), bad], start: null, request }));
  assert.equal(await store.run('answered', request), null);
  assert.equal((await store.run('submit', { tasks: [newTask()], start: null, request })).tasks.length, 1);
});
