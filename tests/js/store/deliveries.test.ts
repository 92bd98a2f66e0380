/** The outbox: written in the commit that it tells of, claimed by one, tried again, kept for a while. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openStore, type Store } from '#offstage/store/index.js';
import type { Notification, NotifyOn } from '#offstage/wire/notification.js';
import { claim, enter, tempFolder, workerRow } from './helpers.js';

const DAY = 86_400_000;
const LEASE = 60_000;

interface Clock {
  now: number;
}

async function storeAt(t: TestContext, clock: Clock): Promise<Store> {
  const path = join(tempFolder(t), '.offstage', 'tasks.db');
  const store = await openStore(path, { mount: 'direct', now: () => clock.now });
  t.after(() => store.close());
  await store.run('register', { row: workerRow('w') });
  return store;
}

const ENDS: NotifyOn[] = ['input_required', 'completed', 'failed', 'cancelled'];

const submit = (store: Store, to: string[], on = ENDS): Promise<{ id: string }> =>
  enter(
    store,
    { carried: { deliver: to } },
    { sequel: { deliver: { to: to.map((address) => ({ address, on })), typing: true } } },
  );

async function complete(store: Store, id: string, result = '1'): Promise<void> {
  const { attempt, epoch } = (await claim(store, 'w')).find((one) => one.id === id) ?? assert.fail('not started');
  await store.run('change', {
    changes: [{ id, command: { command: 'succeed', attempt, epoch }, payloads: { result } }],
  });
}

const claimed = (store: Store, channels = ['ops', 'desk'], limit = 10) =>
  store.run('claimDeliveries', { channels, limit, lease: LEASE });

const listed = async (store: Store) =>
  (await store.run('deliveries', { state: null, task: null, before: null, limit: 100 })).deliveries;

const kinds = async (store: Store, id: string): Promise<string[]> =>
  (await store.run('events', { id, after: 0, limit: 100 }))?.events.map(({ kind }) => kind) ?? [];

test('the commit of an end writes what each address is told, and clearing the task right after loses nothing', async (t) => {
  const store = await storeAt(t, { now: Date.now() });
  const { id } = await submit(store, ['ops', 'desk:night']);
  await complete(store, id, '"done"');
  await store.run('clear', { ids: null, status: [], olderThan: null, dryRun: false });
  const all = await claimed(store);
  assert.deepEqual(all.map(({ address, channel, task }) => [address, channel, task]).sort(), [
    ['desk:night', 'desk', id],
    ['ops', 'ops', id],
  ]);
  const { type, data } = JSON.parse(all[0]?.body ?? '') as Notification;
  assert.deepEqual([type, data.task_id, data.status, data.result], ['task.completed', id, 'completed', 'done']);
});

test('its id is a hash of what it is about', async (t) => {
  const store = await storeAt(t, { now: Date.now() });
  const { id } = await submit(store, ['ops']);
  await complete(store, id);
  const feed = await store.run('feed', {
    after: 'start',
    limit: 100,
    kinds: ['completed'],
    task: null,
    recipe: null,
    session: null,
  });
  const seq = feed?.events[0]?.seq;
  const digest = createHash('sha256').update(`${feed?.store}.${id}.${seq}.ops`).digest('hex');
  assert.equal((await listed(store))[0]?.id, `msg_${digest.slice(0, 32)}`);
});

test('of what somebody has not asked to be told there is nothing', async (t) => {
  const store = await storeAt(t, { now: Date.now() });
  const { id } = await submit(store, ['ops'], ['failed']);
  await complete(store, id);
  await complete(store, (await enter(store)).id);
  assert.deepEqual(await listed(store), []);
});

test('starts, questions and retries are told where that was asked for', async (t) => {
  const store = await storeAt(t, { now: Date.now() });
  const { id } = await submit(store, ['ops'], ['started', 'input_required', 'cancelled']);
  const { attempt, epoch } = (await claim(store, 'w'))[0] ?? assert.fail('not started');
  await store.run('change', {
    changes: [{ id, command: { command: 'ask', attempt, epoch, key: 'ok', message: 'Go on?' } }],
  });
  await store.run('cancel', { ids: [id], by: 'caller' });
  const types = (await listed(store)).map(({ type }) => type).reverse();
  assert.deepEqual(types, ['task.started', 'task.input_required', 'task.cancelled']);
});

test('of a command that was refused, and undone with others, nobody is told', async (t) => {
  const store = await storeAt(t, { now: Date.now() });
  const { id } = await submit(store, ['ops']);
  const { attempt, epoch } = (await claim(store, 'w'))[0] ?? assert.fail('not started');
  const succeed = { command: 'succeed', attempt, epoch } as const;
  const wrong = { command: 'answer', key: 'x', action: 'accept' } as const;
  const turn = { worker: 'w', submits: [], running: [], room: 0 };
  const { changed } = await store.run('turn', {
    ...turn,
    changes: [
      [
        { id, command: succeed },
        { id, command: wrong },
      ],
    ],
  });
  assert.ok(changed[0] !== undefined && 'error' in changed[0], 'it was not refused');
  assert.deepEqual(await listed(store), []);
});

test('one claims it, for a minute; then another one does, and the first one has no say any more', async (t) => {
  const clock = { now: Date.now() };
  const store = await storeAt(t, clock);
  await complete(store, (await submit(store, ['ops'])).id);
  const [first] = await claimed(store);
  assert.deepEqual([first?.attempts, await claimed(store)], [1, []]);
  assert.equal(await store.run('nextDelivery', { channels: ['ops'] }), clock.now + LEASE);
  clock.now += LEASE;
  const [second] = await claimed(store);
  assert.deepEqual([second?.id, second?.attempts], [first?.id, 2]);
  const settle = (attempts: number) =>
    store.run('settleDelivery', { id: first?.id ?? '', attempts, outcome: 'delivered' });
  assert.equal(await settle(1), false);
  assert.equal(await settle(2), true);
  assert.equal(await settle(2), false);
  assert.deepEqual(await claimed(store), []);
});

test('whoever lacks the channel claims nothing of it', async (t) => {
  const store = await storeAt(t, { now: Date.now() });
  await complete(store, (await submit(store, ['ops'])).id);
  assert.deepEqual(await claimed(store, ['desk']), []);
  assert.equal(await store.run('nextDelivery', { channels: ['desk'] }), null);
  assert.equal((await claimed(store, ['ops'])).length, 1);
});

test('of one task and address the first is told first, and what fails puts off what follows', async (t) => {
  const clock = { now: Date.now() };
  const store = await storeAt(t, clock);
  const { id } = await submit(store, ['ops'], ['started', 'completed']);
  await complete(store, id);
  const [first, ...none] = await claimed(store);
  assert.deepEqual([JSON.parse(first?.body ?? '').type, none], ['task.started', []]);
  const at = clock.now + 5000;
  await store.run('settleDelivery', { id: first?.id ?? '', attempts: 1, outcome: 'retry', error: '500', at });
  assert.equal(await store.run('nextDelivery', { channels: ['ops'] }), at);
  assert.deepEqual(await claimed(store), []);
  clock.now = at;
  const [again] = await claimed(store);
  assert.deepEqual([again?.id, again?.attempts], [first?.id, 2]);
  await store.run('settleDelivery', { id: first?.id ?? '', attempts: 2, outcome: 'dead', error: '410' });
  assert.deepEqual(
    (await claimed(store)).map(({ body }) => JSON.parse(body).type),
    ['task.completed'],
  );
});

test('what came of it is an event of the task, after all others, and is none of a task that is gone', async (t) => {
  const store = await storeAt(t, { now: Date.now() });
  const { id } = await submit(store, ['ops', 'desk']);
  await complete(store, id);
  const before = await store.run('events', { id, after: 0, limit: 100 });
  for (const { id: message, attempts, address } of await claimed(store)) {
    const outcome = address === 'ops' ? 'delivered' : 'dead';
    await store.run('settleDelivery', { id: message, attempts, outcome });
  }
  assert.deepEqual((await kinds(store, id)).slice(before?.lastSeq).sort(), ['delivered', 'delivery_failed']);
  assert.equal((await store.run('events', { id, after: 0, limit: 100 }))?.over, true);
  const gone = await submit(store, ['ops']);
  await complete(store, gone.id);
  await store.run('clear', { ids: [gone.id], status: [], olderThan: null, dryRun: false });
  const [last] = await claimed(store);
  assert.equal(await store.run('settleDelivery', { id: last?.id ?? '', attempts: 1, outcome: 'delivered' }), true);
});

test('one that was not tried is given back and does not count', async (t) => {
  const store = await storeAt(t, { now: Date.now() });
  await complete(store, (await submit(store, ['ops'])).id);
  const [first] = await claimed(store);
  await store.run('settleDelivery', { id: first?.id ?? '', attempts: 1, outcome: 'returned' });
  assert.equal((await claimed(store))[0]?.attempts, 1);
});

test('what was told is kept for a week, what was given up for 30 days, and can be tried anew', async (t) => {
  const clock = { now: Date.now() };
  const store = await storeAt(t, clock);
  const end = async (outcome: 'delivered' | 'dead') => {
    await complete(store, (await submit(store, ['ops'])).id);
    const [one] = await claimed(store);
    await store.run('settleDelivery', { id: one?.id ?? '', attempts: one?.attempts ?? 0, outcome, error: 'no' });
    return one?.id ?? '';
  };
  const [told, dead] = [await end('delivered'), await end('dead')];
  assert.deepEqual(await store.run('retryDeliveries', { ids: [told, dead, 'msg_none'] }), {
    ids: [dead],
    unknown: ['msg_none'],
    delivered: [told],
  });
  const [again] = await claimed(store);
  assert.deepEqual([again?.id, again?.attempts], [dead, 1]);
  await store.run('settleDelivery', { id: dead, attempts: 1, outcome: 'dead' });
  clock.now += 8 * DAY;
  await end('delivered');
  assert.deepEqual(
    (await listed(store)).map(({ state }) => state),
    ['delivered', 'dead'],
  );
  clock.now += 23 * DAY;
  await end('delivered');
  assert.deepEqual(
    (await listed(store)).map(({ state }) => state),
    ['delivered'],
  );
});

test('after ten minutes an operator is to see to it', async (t) => {
  const clock = { now: Date.now() };
  const store = await storeAt(t, clock);
  const { id } = await submit(store, ['ops']);
  await complete(store, id);
  const isUndelivered = async () => (await store.run('get', { id, payloads: [] }))?.undelivered;
  const query = { status: [], sessionId: null, recipe: null, limit: 10, before: null, offset: 0, small: true };
  const needy = async () =>
    (await store.run('list', { ...query, attention: true } as never)).tasks.map((one) => one.id);
  assert.deepEqual([await isUndelivered(), await needy()], [false, []]);
  clock.now += 600_001;
  assert.deepEqual([await isUndelivered(), await needy()], [true, [id]]);
  const [one] = await claimed(store);
  await store.run('settleDelivery', { id: one?.id ?? '', attempts: 1, outcome: 'delivered' });
  assert.deepEqual([await isUndelivered(), await needy()], [false, []]);
});

test('a task that is retried tells the same ones', async (t) => {
  const store = await storeAt(t, { now: Date.now() });
  const { id } = await submit(store, ['ops']);
  await complete(store, id);
  const { task } = await store.run('retry', { id, start: null });
  assert.deepEqual(JSON.parse(task.record).carried, { deliver: ['ops'] });
  await complete(store, task.id);
  assert.deepEqual(
    (await listed(store)).map((one) => one.task),
    [task.id, id],
  );
});

test('where a session was asked from last is remembered', async (t) => {
  const store = await storeAt(t, { now: Date.now() });
  assert.equal(await store.run('origin', { session: 's' }), null);
  for (const origin of ['tg:1', 'tg:2']) await enter(store, { session_id: 's' }, { origin });
  assert.equal(await store.run('origin', { session: 's' }), 'tg:2');
});

test('whom the running tasks of a worker tell is known while they run', async (t) => {
  const store = await storeAt(t, { now: Date.now() });
  const { id } = await submit(store, ['ops']);
  assert.deepEqual(await store.run('typing', { pid: process.pid }), []);
  const { attempt, epoch } = (await claim(store, 'w'))[0] ?? assert.fail('not started');
  assert.deepEqual(await store.run('typing', { pid: process.pid }), ['ops']);
  await store.run('change', { changes: [{ id, command: { command: 'succeed', attempt, epoch } }] });
  assert.deepEqual(await store.run('typing', { pid: process.pid }), []);
});
