/** What a store keeps of schedules, and what is submitted for them. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Firing, NewSchedule, ScheduleRow, ShownSchedule, Store } from '#offstage/store/types.js';
import { claim, enter, newTask, tempStore, workerRow } from './helpers.js';

const MINUTE = 60_000;

const newSchedule = (more: Partial<NewSchedule> = {}): NewSchedule => {
  const now = Date.now();
  const at = now - MINUTE;
  return {
    id: 'sched_1',
    name: 'one',
    runner: 'worker',
    code: null,
    data: '{}',
    next_at: at,
    due_at: at,
    created_at: now,
    ...more,
  };
};

async function add(store: Store, more: Partial<NewSchedule> = {}): Promise<ScheduleRow> {
  return (await store.run('addSchedule', { schedule: newSchedule(more), replace: false, start: null })).row;
}

/** For these moments, with the next one in a minute. */
function fire(store: Store, { id, epoch }: ScheduleRow, moments: number[], more: Partial<Firing> = {}) {
  const next = Date.now() + MINUTE;
  const rest = {
    skipped: 0,
    next_at: next,
    due_at: next,
    state: 'active',
    limit: null,
    error: null,
    start: null,
  } as const;
  return store.run('fire', { id, epoch, task: newTask(), overlap: 'skip', moments, ...rest, ...more });
}

const standby = (store: Store) => store.run('standby', {});

const row = async (store: Store): Promise<ScheduleRow> =>
  (await store.run('schedules', { which: 'one' }))[0]?.row as ScheduleRow;

test('a name is taken once, replacing begins anew, and a change that comes late is none', async (t) => {
  const store = await tempStore(t);
  const first = await add(store);
  await assert.rejects(add(store, { id: 'sched_2' }), { code: 'conflict', message: /'one' already/ });
  const { row: second } = await store.run('addSchedule', {
    schedule: newSchedule({ id: 'sched_2' }),
    replace: true,
    start: null,
  });
  assert.deepEqual([first.epoch, second.epoch, (await store.run('schedules', { which: null })).length], [1, 2, 1]);
  const change = { id: 'sched_2', epoch: 2, change: { state: 'paused', due_at: null }, start: null } as const;
  assert.equal((await store.run('changeSchedule', change))?.row.state, 'paused');
  assert.equal(await store.run('changeSchedule', change), null);
  assert.equal(await fire(store, second, [1]), null);
  assert.equal((await store.run('changeSchedule', { ...change, epoch: 3, change: null }))?.row.id, 'sched_2');
  assert.deepEqual(await store.run('schedules', { which: null }), []);
});

test('what is due is told to whom it is for, and when the next one is', async (t) => {
  const store = await tempStore(t);
  const soon = Date.now() + MINUTE;
  await add(store);
  await add(store, { id: 'sched_2', name: 'code', runner: 'code', code: 'job' });
  await add(store, { id: 'sched_3', name: 'loop', runner: 'loop' });
  await add(store, { id: 'sched_4', name: 'later', due_at: soon });
  const due = async (by: 'worker' | 'loop', codes: string[] = []) =>
    (await store.run('dueSchedules', { by, codes })).rows.map(({ name }) => name).sort();
  assert.deepEqual(await due('worker'), ['one']);
  assert.deepEqual(await due('worker', ['job']), ['code', 'one']);
  assert.deepEqual(await due('loop'), ['loop']);
  for (const which of ['one', 'code']) {
    const found = (await store.run('schedules', { which }))[0]?.row as ScheduleRow;
    await fire(store, found, [found.next_at as number], { next_at: null, due_at: null });
  }
  assert.equal((await store.run('dueSchedules', { by: 'worker', codes: [] })).nextAt, soon);
  const [loop] = await store.run('schedules', { which: 'loop' });
  const { id, epoch } = (loop as ShownSchedule).row;
  const held = { id, epoch, owner: 'a', lease: MINUTE };
  assert.equal((await store.run('holdSchedule', held))?.owner, 'a');
  assert.equal((await store.run('holdSchedule', held))?.owner, 'a', 'renewed');
  assert.equal(await store.run('holdSchedule', { ...held, owner: 'b' }), null);
  assert.deepEqual(await due('loop'), []);
});

test('a moment is submitted once, with its schedule and moment in the record, whoever else has the same row', async (t) => {
  const store = await tempStore(t);
  const known = await add(store);
  const at = Date.UTC(2026, 0, 1, 9);
  const [one, other] = await Promise.all([fire(store, known, [at]), fire(store, known, [at])]);
  assert.deepEqual([one?.tasks.length, other], [1, null]);
  const record = JSON.parse(one?.tasks[0]?.record ?? '{}');
  assert.deepEqual(record.carried, { schedule_id: 'sched_1', scheduled_for: at });
  assert.equal(record.idempotency_key, 'schedule:sched_1:2026-01-01T09:00:00.000Z');
  const { fired, last_at, last_task, due_at } = await row(store);
  assert.deepEqual([fired, last_at, last_task, (due_at ?? 0) > Date.now()], [1, at, one?.tasks[0]?.id, true]);
});

async function live(t: TestContext): Promise<{ store: Store; first: string }> {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  const fired = await fire(store, await add(store), [1]);
  return { store, first: fired?.tasks[0]?.id as string };
}

const end = async (store: Store): Promise<void> => {
  for (const { id, attempt, epoch } of await claim(store, 'w')) {
    await store.run('change', { changes: [{ id, command: { command: 'succeed', attempt, epoch } }] });
    await store.run('change', { changes: [{ id, command: { command: 'stopped', attempt, epoch } }] });
  }
};

test('while a task of it is live a moment is skipped, and after its end submitted', async (t) => {
  const { store } = await live(t);
  assert.deepEqual((await fire(store, await row(store), [2]))?.tasks, []);
  assert.deepEqual([(await row(store)).skipped, (await row(store)).fired], [1, 1]);
  await end(store);
  assert.equal((await fire(store, await row(store), [3]))?.tasks.length, 1);
});

test('one waits for the end and is due then; a pause holds it back', async (t) => {
  const { store } = await live(t);
  await fire(store, await row(store), [2], { overlap: 'queue' });
  await fire(store, await row(store), [3], { overlap: 'queue' });
  assert.deepEqual([(await row(store)).queued, (await row(store)).skipped], ['[2]', 1]);
  const due = async () => (await store.run('dueSchedules', { by: 'worker', codes: [] })).rows.length;
  assert.equal(await due(), 0);
  await end(store);
  assert.equal(await due(), 1);
  const { id, epoch } = await row(store);
  await store.run('changeSchedule', { id, epoch, change: { state: 'paused', due_at: null }, start: null });
  assert.equal(await due(), 0);
  await store.run('changeSchedule', { id, epoch: epoch + 1, change: { state: 'active' }, start: null });
  const fired = await fire(store, await row(store), [], { overlap: 'queue' });
  assert.deepEqual([fired?.tasks.length, fired?.row.queued], [1, null]);
});

test('what is live is cancelled, and the new one is submitted when its work has stopped', async (t) => {
  const { store, first } = await live(t);
  const [held] = await claim(store, 'w');
  await fire(store, await row(store), [2], { overlap: 'cancel' });
  assert.equal((await store.run('get', { id: first, payloads: [] }))?.status, 'cancelled');
  const due = async () => (await store.run('dueSchedules', { by: 'worker', codes: [] })).rows.length;
  assert.deepEqual([(await row(store)).queued, await due()], ['[2]', 0]);
  const { id, attempt, epoch } = held as NonNullable<typeof held>;
  await store.run('change', { changes: [{ id, command: { command: 'stopped', attempt, epoch } }] });
  assert.equal(await due(), 1);
  assert.equal((await fire(store, await row(store), [], { overlap: 'cancel' }))?.tasks.length, 1);
});

test('ten that could not be submitted in a row break it; one that could makes good', async (t) => {
  const store = await tempStore(t);
  await add(store);
  const fail = async () => fire(store, await row(store), [1], { task: null, error: 'no such recipe' });
  for (let n = 1; n < 10; n++) await fail();
  assert.deepEqual([(await row(store)).state, (await row(store)).failures], ['active', 9]);
  await fire(store, await row(store), [2], { overlap: 'allow' });
  assert.deepEqual([(await row(store)).last_error, (await row(store)).failures], [null, 0]);
  for (let n = 1; n <= 10; n++) await fail();
  const { state, due_at, last_error, fired } = await row(store);
  assert.deepEqual([state, due_at, last_error, fired], ['broken', null, 'no such recipe', 1]);
});

test('one that has had all of its tasks has ended, a moment that was skipped is none of them', async (t) => {
  const { store } = await live(t);
  await fire(store, await row(store), [2], { limit: 2 });
  assert.deepEqual([(await row(store)).state, (await row(store)).fired], ['active', 1]);
  await end(store);
  await fire(store, await row(store), [3], { limit: 2 });
  const { state, next_at, due_at } = await row(store);
  assert.deepEqual([state, next_at, due_at], ['ended', null, null]);
});

test('a worker of folders does not leave while one is active, others do', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  await store.run('register', { row: workerRow('code', process.pid, { folders: false, recipes: ['a'] }) });
  await add(store, { due_at: Date.now() + MINUTE });
  const leave = (worker: string) => store.run('leave', { worker, force: false });
  assert.deepEqual([(await standby(store)).stays, await leave('w'), await leave('code')], [true, false, true]);
  const { id, epoch } = await row(store);
  await store.run('changeSchedule', { id, epoch, change: { state: 'paused', due_at: null }, start: null });
  assert.deepEqual([(await standby(store)).stays, await leave('w')], [false, true]);
});

test('a worker is started for what is due while none lives, once', async (t) => {
  const store = await tempStore(t);
  await add(store, { due_at: Date.now() + MINUTE });
  assert.equal((await standby(store)).needed, false);
  const start = workerRow('w', process.pid, { state: 'starting' });
  assert.equal(await store.run('needStandby', { start }), false);
  await add(store, { id: 'sched_2', name: 'two' });
  assert.equal((await standby(store)).needed, true);
  assert.equal(await store.run('needStandby', { start }), true);
  assert.deepEqual([await store.run('needStandby', { start }), (await standby(store)).needed], [false, false]);
});

test('an active one that is added has a worker started in the same commit, a later one has that', async (t) => {
  const store = await tempStore(t);
  const start = workerRow('w', process.pid, { state: 'starting' });
  const added = await store.run('addSchedule', { schedule: newSchedule(), replace: false, start });
  const loop = newSchedule({ id: 'sched_2', name: 'two' });
  const second = await store.run('addSchedule', { schedule: loop, replace: false, start: { ...start, id: 'v' } });
  assert.deepEqual([added.spawn, second.spawn], [true, false]);
  await enter(store);
});
