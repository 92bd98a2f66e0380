/** What follows the end of a task in its commit: what was said in a session is kept. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openStore, type Store } from '#offstage/store/index.js';
import { claim, enter, tempFolder, workerRow } from './helpers.js';

const DAY = 86_400_000;

async function storeAt(t: TestContext, clock: { now: number }): Promise<Store> {
  const path = join(tempFolder(t), '.offstage', 'tasks.db');
  const store = await openStore(path, { mount: 'direct', now: () => clock.now });
  t.after(() => store.close());
  await store.run('register', { row: workerRow('w') });
  return store;
}

const prompt = (text: string) =>
  ({ payloads: { input: JSON.stringify({ prompt: text }) }, sequel: { conversation: true } }) as const;

/** Has a task of the session run to its end. */
async function say(store: Store, session: string, text: string, ends: 'succeed' | 'fail' = 'succeed'): Promise<string> {
  const { id } = await enter(store, { session_id: session }, prompt(text));
  const { attempt, epoch } =
    (await claim(store, 'w')).find((one) => one.id === id) ?? assert.fail('it was not started');
  const error = { code: 'failed', name: 'Error', message: 'no', retryable: false };
  const command = ends === 'fail' ? { command: ends, attempt, epoch, error } : { command: ends, attempt, epoch };
  const result = JSON.stringify(`to ${text}`);
  const payloads = ends === 'fail' ? {} : { result };
  await store.run('change', { changes: [{ id, command: command as never, payloads }] });
  return id;
}

const said = async (store: Store, session: string): Promise<unknown[]> =>
  (await store.run('conversation', { session, limit: 100 })).map(({ payloads }) => JSON.parse(payloads.result ?? ''));

test('prompts that have completed are kept in order, by session; those that failed are not', async (t) => {
  const clock = { now: Date.now() };
  const store = await storeAt(t, clock);
  await say(store, 'a', 'one');
  await say(store, 'b', 'other');
  await say(store, 'a', 'two', 'fail');
  const last = await say(store, 'a', 'three');
  assert.deepEqual(await said(store, 'a'), ['to one', 'to three']);
  assert.equal((await store.run('conversation', { task: last, limit: 1 }))[0]?.task_id, last, 'the last ones');
  assert.deepEqual(await store.run('conversation', { task: 'task_none', limit: 1 }), []);
});

test('they outlive their tasks, for 30 days', async (t) => {
  const clock = { now: Date.now() };
  const store = await storeAt(t, clock);
  await say(store, 'a', 'one');
  clock.now += 29 * DAY;
  await say(store, 'a', 'two');
  await store.run('clear', { ids: null, status: [], olderThan: null, dryRun: false });
  assert.deepEqual(await said(store, 'a'), ['to one', 'to two']);
  clock.now += 2 * DAY;
  assert.deepEqual(await said(store, 'a'), ['to two']);
  await say(store, 'a', 'three');
  assert.deepEqual(await said(store, 'a'), ['to two', 'to three']);
});

test('clearing a session forgets them; clearing some of its tasks does not', async (t) => {
  const store = await storeAt(t, { now: Date.now() });
  const id = await say(store, 'a', 'one');
  await say(store, 'b', 'other');
  const query = { ids: null, status: [], olderThan: null, session: 'a', dryRun: false };
  await store.run('clear', { ...query, dryRun: true });
  await store.run('clear', { ...query, olderThan: DAY });
  assert.deepEqual(await said(store, 'a'), ['to one']);
  assert.deepEqual((await store.run('clear', query)).ids, [id]);
  assert.deepEqual([await said(store, 'a'), await said(store, 'b')], [[], ['to other']]);
});

test('a task that is submitted once more is kept, too; what is undone with its part is not', async (t) => {
  const store = await storeAt(t, { now: Date.now() });
  const id = await say(store, 'a', 'one', 'fail');
  const { task } = await store.run('retry', { id, start: null });
  const { attempt, epoch } = (await claim(store, 'w'))[0] ?? assert.fail('it was not started');
  const succeed = {
    id: task.id,
    command: { command: 'succeed', attempt, epoch } as const,
    payloads: { result: '"done"' },
  };
  const refused = { id: task.id, command: { command: 'answer', key: 'none', action: 'accept' } as never };
  const { changed } = await store.run('turn', {
    worker: 'w',
    changes: [[succeed, refused]],
    submits: [],
    running: [],
    room: 0,
  } as never);
  assert.ok(changed[0] !== undefined && 'error' in changed[0], 'all of the part is refused');
  assert.deepEqual(await said(store, 'a'), []);
  await store.run('change', { changes: [succeed] });
  assert.deepEqual(await said(store, 'a'), ['done']);
});
