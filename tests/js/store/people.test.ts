import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recover } from '#offstage/reap/index.js';
import { type Attempt, openStore, type Store } from '#offstage/store/index.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import { migrate, STEPS } from '#offstage/store/sqlite/schema.js';
import { claim, enter, submitOne, tempFolder, tempStore, workerRow } from './helpers.js';

const act = (store: Store, id: string, command: object) =>
  store.run('change', { changes: [{ id, command: command as never }] });

async function asking(store: Store, worker = 'w'): Promise<Attempt> {
  await store.run('register', { row: workerRow(worker, process.pid, { concurrency: 1 }) });
  await enter(store);
  const [attempt] = await claim(store, worker);
  const { id, epoch } = attempt as Attempt;
  await act(store, id, { command: 'ask', attempt: 1, epoch, key: 'ok', message: 'May I?' });
  return attempt as Attempt;
}

test('an open question frees the slot; the answered task goes on in its own worker, before others', async (t) => {
  const store = await tempStore(t);
  const { id, epoch } = await asking(store);
  const other = await submitOne(store);
  const [meanwhile] = await claim(store, 'w');
  assert.equal(meanwhile?.id, other);
  const later = await submitOne(store);
  await act(store, id, { command: 'answer', key: 'ok', action: 'accept', content: 7 });
  const { ended } = await store.run('poll', { worker: 'w', running: [{ id, attempt: 1, epoch }] });
  assert.deepEqual(ended, [], 'it is still its own');
  await store.run('register', { row: workerRow('stranger') });
  assert.deepEqual(
    (await claim(store, 'stranger')).map((one) => one.id),
    [later],
    'its code lives in another worker',
  );
  assert.deepEqual(await claim(store, 'w'), [], 'no slot yet');
  await act(store, other, { command: 'succeed', attempt: 1, epoch: 1 });
  const [again] = await claim(store, 'w');
  assert.deepEqual([again?.id, again?.attempt, again?.epoch, again?.goesOn], [id, 1, epoch + 1, true]);
});

test('answered after its code is gone: any worker starts it from the top', async (t) => {
  const store = await tempStore(t);
  const { id, attempt, epoch } = await asking(store);
  await act(store, id, { command: 'lose', attempt, epoch, reason: 'shutdown', stopped: true });
  assert.equal((await store.run('get', { id, payloads: [] }))?.status, 'input_required');
  await act(store, id, { command: 'answer', key: 'ok', action: 'accept', content: 7 });
  await store.run('register', { row: workerRow('stranger') });
  const [again] = await claim(store, 'stranger');
  assert.deepEqual([again?.id, again?.attempt, again?.goesOn], [id, 1, false]);
  assert.deepEqual(JSON.parse(again?.record ?? '').requests.ok.answer, { action: 'accept', content: 7 });
});

test('the first result of a step is kept; a step of an execution that is over is not', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  const id = await submitOne(store);
  const { epoch } = (await claim(store, 'w'))[0] as Attempt;
  const step = (data: string, of = epoch) =>
    store.run('change', {
      changes: [{ id, command: { command: 'step', attempt: 1, epoch: of, key: 'a' }, step: { key: 'a', data } }],
    });
  assert.equal(await store.run('step', { id, key: 'a' }), null);
  await step('9', epoch + 1);
  assert.equal(await store.run('step', { id, key: 'a' }), null);
  await step('1');
  await step('2');
  assert.deepEqual(await store.run('step', { id, key: 'a' }), { data: '1', refs: null });
});

test('events come in order behind a cursor, and say when there will be no more', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  const id = await submitOne(store);
  const { epoch } = (await claim(store, 'w'))[0] as Attempt;
  for (const line of ['a', 'b']) await act(store, id, { command: 'log', attempt: 1, epoch, line });
  const page = await store.run('events', { id, after: 1, limit: 2 });
  assert.deepEqual(
    page?.events.map(({ seq, kind }) => [seq, kind]),
    [
      [2, 'started'],
      [3, 'log'],
    ],
  );
  assert.deepEqual([page?.firstSeq, page?.lastSeq, page?.over], [1, 4, false]);
  await act(store, id, { command: 'cancel' });
  assert.equal((await store.run('events', { id, after: 4, limit: 9 }))?.over, false, 'it stops still');
  await act(store, id, { command: 'stopped', attempt: 1, epoch });
  assert.equal((await store.run('events', { id, after: 4, limit: 9 }))?.over, true);
  assert.equal(await store.run('events', { id: `task_${'0'.repeat(32)}`, after: 0, limit: 9 }), null);
});

test('a task with more events than are kept says from where on nothing is missing', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  const id = await submitOne(store);
  const { epoch } = (await claim(store, 'w'))[0] as Attempt;
  const log = { id, command: { command: 'log', attempt: 1, epoch, line: 'x' } as const };
  await store.run('change', { changes: Array.from({ length: 10_050 }, () => log) });
  const page = await store.run('events', { id, after: 0, limit: 3 });
  const first = page?.firstSeq ?? 0;
  assert.deepEqual(
    page?.events.map(({ seq, kind }) => [seq, kind]),
    [
      [1, 'submitted'],
      [2, 'started'],
      [first, 'log'],
    ],
  );
  assert.ok(first > 50 && first < 1000, `${first}`);
  assert.equal(page?.lastSeq, 10_052);
});

test('recover takes only what is overdue, with force any that runs; the second one is told', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  const [id, idle] = [await submitOne(store), await submitOne(store, { delay_ms: 9e6 })];
  await claim(store, 'w');
  const take = (more: object) => recover(store, { ids: [id], force: false, retry: false, dryRun: false, ...more });
  assert.deepEqual(await take({}), [{ id, result: 'skipped_not_recoverable', status: 'running' }]);
  assert.deepEqual(await take({ force: true, dryRun: true }), [{ id, result: 'would_apply', status: 'running' }]);
  const both = await Promise.all([take({ force: true }), take({ force: true })]);
  assert.deepEqual(
    both.flat().map(({ result }) => result),
    ['applied', 'skipped_state_changed'],
  );
  assert.deepEqual(await take({ force: true }), [{ id, result: 'skipped_not_recoverable', status: 'failed' }]);
  assert.deepEqual(await take({ ids: [idle], force: true }), [
    { id: idle, result: 'skipped_not_recoverable', status: 'pending' },
  ]);
});

test('recover with retry puts it back to pending, whatever onLost says', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  const id = await submitOne(store);
  await claim(store, 'w');
  const [one] = await recover(store, { ids: null, force: true, retry: true, dryRun: false });
  assert.deepEqual(one, { id, result: 'applied', status: 'pending' });
  assert.equal((await claim(store, 'w'))[0]?.attempt, 2);
});

test('retry makes a new task of one that has ended, and refuses one that has not', async (t) => {
  const store = await tempStore(t);
  const old = await enter(store, { priority: 3, retries: 2, timeout_ms: 500, session_id: 's' }, { needs: ['KEY'] });
  await assert.rejects(store.run('retry', { id: old.id, start: null }), { code: 'conflict' });
  await act(store, old.id, { command: 'cancel' });
  const { task } = await store.run('retry', { id: old.id, start: null });
  const [was, is] = [JSON.parse(old.record), JSON.parse(task.record)];
  for (const key of ['name', 'recipe', 'priority', 'max_attempts', 'timeout_ms', 'session_id', 'kill_grace_ms']) {
    assert.deepEqual(is[key], was[key], key);
  }
  assert.deepEqual([is.retried_from, task.payloads.input, task.runnable], [old.id, '{"a":1}', false]);
  await store.run('register', { row: workerRow('poor') });
  assert.deepEqual(await claim(store, 'poor'), []);
});

test('code recipes are for workers that have them, folders for those that run folders', async (t) => {
  const store = await tempStore(t);
  const code = await enter(store, { recipe: 'mine' }, { code: 'mine' });
  const folder = await submitOne(store);
  await store.run('register', { row: workerRow('plain') });
  assert.deepEqual(
    (await claim(store, 'plain')).map(({ id }) => id),
    [folder],
  );
  assert.equal((await store.run('get', { id: code.id, payloads: [] }))?.runnable, false);
  await store.run('register', { row: workerRow('app', process.pid, { folders: false, recipes: ['mine'] }) });
  const waiting = await submitOne(store);
  assert.deepEqual(
    (await claim(store, 'app')).map(({ id }) => id),
    [code.id],
  );
  assert.deepEqual(
    (await claim(store, 'plain')).map(({ id }) => id),
    [waiting],
  );
});

test('a file of the first schema is brought forward, with its tasks', async (t) => {
  const path = `${tempFolder(t)}/old.db`;
  const old = connect(path);
  migrate(old, () => {}, STEPS.slice(0, 1));
  old.exec(`INSERT INTO tasks (id, record, status, recipe, priority, head, run_at, worker)
    VALUES ('a', '{}', 'running', 'r', 0, 0, 0, 'w'), ('b', '{}', 'pending', 'r', 0, 0, 0, NULL)`);
  let backup = 0;
  migrate(old, (version) => {
    backup = version;
  });
  const rows = old.prepare('SELECT id, slot, stand, first_seq FROM tasks ORDER BY id').all();
  old.close();
  assert.equal(backup, 1);
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    [
      { id: 'a', slot: 1, stand: null, first_seq: 1 },
      { id: 'b', slot: 0, stand: 'ready', first_seq: 1 },
    ],
  );
});

test('two that were answered in two workers under one shared slot: the older one goes on first, then the other', async (t) => {
  const store = await tempStore(t);
  const limit = { max_concurrent: 1 };
  for (const id of ['w1', 'w2']) await store.run('register', { row: workerRow(id, process.pid, limit) });
  const asked: Attempt[] = [];
  for (const worker of ['w1', 'w2']) {
    await enter(store);
    const [one] = (await claim(store, worker)) as unknown as [Attempt];
    asked.push(one);
    await act(store, one.id, { command: 'ask', attempt: 1, epoch: one.epoch, key: 'ok', message: 'May I?' });
  }
  for (const { id } of asked) await act(store, id, { command: 'answer', key: 'ok', action: 'accept', content: 1 });
  const [older, younger] = asked as [Attempt, Attempt];
  assert.deepEqual(await claim(store, 'w2'), [], 'the older one comes first');
  assert.deepEqual(
    (await claim(store, 'w1')).map(({ id }) => id),
    [older.id],
  );
  await act(store, older.id, { command: 'succeed', attempt: 1, epoch: 2 });
  assert.deepEqual(
    (await claim(store, 'w2')).map(({ id }) => id),
    [younger.id],
  );
});

test('a worker whose lease is over holds no shared slot back from the others', async (t) => {
  let now = Date.now();
  const store = await openStore(`${tempFolder(t)}/.offstage/tasks.db`, { mount: 'direct', now: () => now });
  t.after(() => store.close());
  const { id } = await (async () => {
    await store.run('register', { row: workerRow('stopped', process.pid, { max_concurrent: 1 }) });
    await enter(store);
    const [one] = (await claim(store, 'stopped')) as unknown as [Attempt];
    await act(store, one.id, { command: 'ask', attempt: 1, epoch: one.epoch, key: 'ok', message: 'May I?' });
    return one;
  })();
  await act(store, id, { command: 'answer', key: 'ok', action: 'accept', content: 1 });
  const other = await submitOne(store);
  await store.run('register', { row: workerRow('w') });
  assert.deepEqual(await claim(store, 'w'), [], 'the answered one comes first');
  now += 60_000;
  await store.run('renew', { worker: 'w' });
  assert.deepEqual(
    (await claim(store, 'w')).map((one) => one.id),
    [other],
  );
});

test('a retry whose key another task has now is a conflict, and nothing is written', async (t) => {
  const store = await tempStore(t);
  const { id } = await enter(store, { idempotency_key: 'k' });
  await act(store, id, { command: 'cancel', by: 'caller' });
  const again = await store.run('retry', { id, start: null });
  await assert.rejects(store.run('retry', { id, start: null }), {
    code: 'conflict',
    message: new RegExp(`'k' belongs to task ${again.task.id} now`),
  });
  assert.equal((await store.run('counts', {})).pending, 1);
  await act(store, again.task.id, { command: 'cancel', by: 'caller' });
  assert.equal((await store.run('retry', { id, start: null })).task.status, 'pending', 'the key is free again');
});
