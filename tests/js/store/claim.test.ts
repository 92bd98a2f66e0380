import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasLiveMember, startTime } from '#offstage/platform/process.js';
import { recover } from '#offstage/reap/index.js';
import type { Attempt } from '#offstage/store/index.js';
import type { Change, Claimed } from '#offstage/store/types.js';
import { until } from '../../waiting.js';
import { claim, idleProcess, newTask, openAgain, submitOne, tempStore, workerRow } from './helpers.js';

test('two workers on one file never share a task, and every task is claimed once', async (t) => {
  const first = await tempStore(t);
  const second = await openAgain(first);
  t.after(() => second.close());
  const ids = new Set<string>();
  for (let n = 0; n < 60; n++) ids.add(await submitOne(first));
  await first.run('register', { row: workerRow('w1', process.pid, { concurrency: 60 }) });
  await second.run('register', { row: workerRow('w2', process.pid, { concurrency: 60 }) });
  const claimed: string[] = [];
  const drain = async (store: typeof first, worker: string) => {
    await until(async () => {
      const got = await claim(store, worker);
      claimed.push(...got.map(({ id }) => id));
      return got.length === 0;
    });
  };
  await Promise.all([drain(first, 'w1'), drain(second, 'w2')]);
  assert.equal(claimed.length, 60);
  assert.deepEqual(new Set(claimed), ids);
});

test('claims come by priority, then in the order of creation, and only when due', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  const low = await submitOne(store, { priority: -10 });
  const first = await submitOne(store);
  const second = await submitOne(store);
  const high = await submitOne(store, { priority: 10 });
  const later = await submitOne(store, { priority: 99, run_at: Date.now() + 3_600_000 } as never);
  const order = (await claim(store, 'w')).map(({ id }) => id);
  assert.deepEqual(order, [high, first, second, low]);
  const poll = await store.run('poll', { worker: 'w', running: [] });
  assert.deepEqual([poll.claimable, poll.pending], [false, true]);
  const { record } = (await store.run('get', { id: later, payloads: [] })) as { record: string };
  assert.equal(poll.nextAt, JSON.parse(record).run_at);
});

test('a worker claims only what it has the variables for', async (t) => {
  const store = await tempStore(t);
  const id = await submitOne(store, {}, ['API_KEY', 'OTHER']);
  await store.run('register', { row: workerRow('poor', process.pid, { env: ['API_KEY'] }) });
  assert.deepEqual(await claim(store, 'poor'), []);
  assert.equal((await store.run('poll', { worker: 'poor', running: [] })).pending, false);
  assert.equal((await store.run('get', { id, payloads: [] }))?.runnable, false);
  await store.run('register', { row: workerRow('rich', process.pid, { env: ['OTHER', 'API_KEY'] }) });
  assert.equal((await store.run('get', { id, payloads: [] }))?.runnable, true);
  assert.equal((await claim(store, 'rich'))[0]?.id, id);
});

test('a recipe runs at most its own limit at once, over all workers', async (t) => {
  const store = await tempStore(t);
  for (const id of ['w1', 'w2']) await store.run('register', { row: workerRow(id) });
  const task = newTask({}, { maxConcurrent: 2 });
  await store.run('submit', { tasks: [task, task, task], start: null });
  const other = await submitOne(store, { recipe: 'other' });
  const first = await claim(store, 'w1');
  assert.deepEqual([first.length, first[2]?.id], [3, other]);
  assert.deepEqual(await claim(store, 'w2'), []);
  assert.equal((await store.run('poll', { worker: 'w2', running: [] })).claimable, false);
  const { id, attempt, epoch } = first[0] as Attempt;
  await store.run('change', { changes: [{ id, command: { command: 'cancel', by: 'caller' } }] });
  assert.deepEqual(await claim(store, 'w2'), [], 'it keeps its share until it has stopped');
  await store.run('change', { changes: [{ id, command: { command: 'stopped', attempt, epoch } }] });
  assert.equal((await claim(store, 'w2')).length, 1);
});

test('a worker that is not registered claims nothing and is told so', async (t) => {
  const store = await tempStore(t);
  await submitOne(store, {}, []);
  assert.deepEqual(await claim(store, 'ghost'), []);
  assert.equal((await store.run('poll', { worker: 'ghost', running: [] })).registered, false);
});

test('poll names the attempts that must end: cancelled, taken away, removed', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  const kept = await submitOne(store);
  const cancelled = await submitOne(store);
  const running = await claim(store, 'w');
  const gone = { id: `task_${'0'.repeat(32)}`, attempt: 1, epoch: 1 };
  const change = { id: cancelled, command: { command: 'cancel', by: 'caller', reason: 'enough' } as const };
  await store.run('change', { changes: [change] });
  const { ended } = await store.run('poll', { worker: 'w', running: [...running, gone] });
  assert.deepEqual(
    ended.map(({ id, status, reason }) => ({ id, status, reason })),
    [
      { id: cancelled, status: 'cancelled', reason: 'enough' },
      { id: gone.id, status: 'cancelled', reason: 'the task was removed' },
    ],
  );
  assert.ok(kept);
});

test('a worker leaves only when nothing it can run is left', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  const id = await submitOne(store, { run_at: Date.now() + 3_600_000 } as never);
  assert.equal(await store.run('leave', { worker: 'w', force: false }), false);
  await store.run('change', { changes: [{ id, command: { command: 'cancel', by: 'caller' } }] });
  await submitOne(store, {}, ['SECRET']);
  assert.equal(await store.run('leave', { worker: 'w', force: false }), true);
});

test('twenty submits at once name one worker to start', async (t) => {
  const store = await tempStore(t, 'thread');
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => {
      const start = workerRow(`w${n}`, process.pid, { state: 'starting' });
      return store.run('submit', { tasks: [newTask()], start });
    }),
  );
  assert.equal(answers.filter(({ spawn }) => spawn).length, 1);
});

test('a claim notes for what it starts the child that ran the like of it, else one that is new', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  for (const pgid of [1001, 1002, 1003]) await store.run('addGroup', { worker: 'w', group: { pgid, start_time: '1' } });
  await submitOne(store, { recipe: 'a' });
  const [first] = (await store.run('claim', { worker: 'w' })).started;
  assert.equal(first?.pgid, null, 'it was offered none');
  for (const recipe of ['a', 'a', 'b', 'c']) await submitOne(store, { recipe });
  const children = [
    { pgid: 1001, fit: null },
    { pgid: 1002, fit: first?.fit ?? '' },
    { pgid: 1003, fit: 'another kind' },
    { pgid: 1004, fit: null }, // its group is not stored
  ];
  const { started } = await store.run('claim', { worker: 'w', children });
  assert.deepEqual(
    started.map(({ pgid }) => pgid),
    [1002, 1001, null, null],
  );
  await store.run('submit', { tasks: [newTask({ recipe: 'd' }, { code: 'd' })], start: null });
  await store.run('register', { row: workerRow('w', process.pid, { recipes: ['d'], concurrency: 9 }) });
  const code = await store.run('claim', { worker: 'w', children: [{ pgid: 1003, fit: null }] });
  assert.deepEqual(
    code.started.map(({ fit, pgid }) => [fit, pgid]),
    [[null, null]],
    'code of this process needs no other one',
  );
});

test('a claim notes no child whose last run has not ended, and one that ends in the same turn', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w', process.pid, { concurrency: 2 }) });
  await store.run('addGroup', { worker: 'w', group: { pgid: 1001, start_time: '1' } });
  const offer = (fit: string | null = null) => ({ worker: 'w', children: [{ pgid: 1001, fit }] });
  await submitOne(store, { recipe: 'a' });
  const [first] = (await store.run('claim', offer())).started;
  assert.equal(first?.pgid, 1001);
  const fit = first?.fit ?? '';
  await submitOne(store, { recipe: 'a' });
  const [second] = (await store.run('claim', offer(fit))).started;
  assert.equal(second?.pgid, null, 'it is at work');
  const { id, attempt, epoch } = first as Claimed;
  await submitOne(store, { recipe: 'a' });
  const ends: Change[] = [{ id, command: { command: 'succeed', attempt, epoch } }];
  const { started } = await store.run('turn', { changes: [ends], submits: [], running: [], room: 9, ...offer(fit) });
  assert.deepEqual(
    started.map(({ pgid }) => pgid),
    [1001],
  );
});

test('a child that a claim has noted can be killed by whoever takes the attempt, until another one is used', async (t) => {
  const store = await tempStore(t);
  const groups = await Promise.all([idleProcess(t), idleProcess(t)]);
  const [noted, used] = groups.map(({ pid }) => pid) as [number, number];
  await store.run('register', { row: workerRow('w') });
  for (const pgid of [noted, used]) {
    await store.run('addGroup', { worker: 'w', group: { pgid, start_time: startTime(pgid) as string } });
  }
  const id = await submitOne(store);
  await store.run('claim', { worker: 'w', children: [{ pgid: noted, fit: null }] });
  await store.run('useGroup', { worker: 'w', pgid: used, task: id });
  const take = (of: string) => recover(store, { ids: [of], force: true, retry: false, dryRun: false });
  assert.equal((await take(id))[0]?.result, 'applied');
  assert.deepEqual([hasLiveMember(noted), hasLiveMember(used)], [true, false]);
  const second = await submitOne(store);
  await store.run('claim', { worker: 'w', children: [{ pgid: noted, fit: null }] });
  assert.equal((await take(second))[0]?.result, 'applied');
  assert.equal(hasLiveMember(noted), false);
});
