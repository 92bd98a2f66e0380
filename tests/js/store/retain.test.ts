import assert from 'node:assert/strict';
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { due } from '#offstage/reap/index.js';
import { type Attempt, openStore, type Store } from '#offstage/store/index.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import { migrate, STEPS, sqlOf } from '#offstage/store/sqlite/schema.js';
import { claim, completed, enter, submitOne, tempFolder, tempStore, workerRow } from './helpers.js';
import { HOUR, Machine, MINUTE, START, taskOf } from './machine.js';

const DAY = 24 * HOUR;
const KEEPS = { cleanup_delay_ms: MINUTE, keep_failed_ms: HOUR, keep_keyed_ms: DAY };

/** One of each kind of end, by the worker `w`. */
async function ends(store: Store) {
  await store.run('register', { row: workerRow('w') });
  const done = await completed(store, 'w', KEEPS);
  const keyed = await completed(store, 'w', { ...KEEPS, idempotency_key: 'k' });
  const unread = await completed(store, 'w', KEEPS);
  const failed = await submitOne(store, KEEPS);
  const [run] = await claim(store, 'w');
  const { attempt, epoch } = run as Attempt;
  const error = { code: 'failed', name: 'Error', message: 'no', retryable: true } as const;
  await store.run('change', { changes: [{ id: failed, command: { command: 'fail', attempt, epoch, error } }] });
  const cancelled = await submitOne(store, KEEPS);
  await store.run('change', { changes: [{ id: cancelled, command: { command: 'cancel' } }] });
  return { done, keyed, unread, failed, cancelled };
}

test('each kind of end is kept for its own time, from the first look', async (t) => {
  const machine = new Machine(t);
  const store = await machine.process();
  const { unread, ...read } = await ends(store);
  machine.pass(MINUTE);
  const seen = machine.wall;
  for (const id of Object.values(read)) await store.run('see', { id });
  machine.pass(10_000);
  for (const id of Object.values(read)) await store.run('see', { id }); // a further look changes nothing
  const kept = async (id: string) => (await taskOf(store, id)).drop_at;
  assert.deepEqual(await Promise.all([read.done, read.failed, read.cancelled, read.keyed, unread].map(kept)), [
    seen + MINUTE,
    seen + HOUR,
    seen + HOUR,
    START + DAY,
    START + 30 * DAY,
  ]);
  const left = async () => {
    await due(store);
    return (await store.run('list', EVERYTHING)).tasks.map(({ id }) => id).sort();
  };
  machine.pass(seen + MINUTE - 1 - machine.wall);
  assert.equal((await left()).length, 5);
  for (const [at, ids] of [
    [seen + MINUTE, [read.failed, read.cancelled, read.keyed, unread]],
    [seen + HOUR, [read.keyed, unread]],
    [START + DAY, [unread]],
    [START + 30 * DAY - 1, [unread]],
    [START + 30 * DAY, []],
  ] as const) {
    machine.pass(at - machine.wall);
    assert.deepEqual(await left(), [...ids].sort());
  }
});

const EVERYTHING = {
  status: [],
  sessionId: null,
  recipe: null,
  attention: false,
  limit: 1000,
  offset: 0,
  before: null,
} as const;

test('the key of a completed task is a promise for a day, however soon it was read', async (t) => {
  const machine = new Machine(t);
  const store = await machine.process();
  await store.run('register', { row: workerRow('w') });
  const keyed = { cleanup_delay_ms: 0, idempotency_key: 'order-17' };
  const id = await completed(store, 'w', keyed);
  await store.run('see', { id });
  machine.pass(DAY - 1);
  await due(store);
  assert.equal((await enter(store, keyed)).id, id);
  machine.pass(1);
  await due(store);
  assert.notEqual((await enter(store, keyed)).id, id);
});

test('a task has no drop_at while it lives or its work stops', async (t) => {
  const machine = new Machine(t);
  const store = await machine.process();
  await store.run('register', { row: workerRow('w') });
  const { id } = await enter(store);
  assert.equal((await taskOf(store, id)).drop_at, null);
  const [run] = await claim(store, 'w');
  const { attempt, epoch } = run as Attempt;
  assert.equal((await taskOf(store, id)).drop_at, null);
  await store.run('change', { changes: [{ id, command: { command: 'cancel' } }] });
  assert.equal(await store.run('see', { id }), null, 'it still stops');
  const seen = machine.wall;
  machine.pass(MINUTE);
  await store.run('change', { changes: [{ id, command: { command: 'stopped', attempt, epoch } }] });
  assert.equal((await taskOf(store, id)).drop_at, seen + 7 * DAY, 'from the first look');
});

/** As if there were so many more. */
function more(machine: Machine, status: string, n: number): void {
  machine.sql('UPDATE counts SET n = n + ? WHERE status = ? RETURNING n', n, status);
}

test('beyond 100,000 ended records those that were read, completed and have no key go, the oldest first', async (t) => {
  const machine = new Machine(t);
  const store = await machine.process();
  const { done, ...others } = await ends(store);
  machine.pass(1000);
  const younger = await completed(store, 'w', KEEPS);
  for (const id of [younger, done, others.keyed, others.failed, others.cancelled]) await store.run('see', { id });
  more(machine, 'completed', 100_000 - 6);
  assert.equal(await due(store), 0, 'not beyond yet');
  more(machine, 'failed', 1);
  await due(store);
  assert.equal(await store.run('get', { id: done, payloads: [] }), null);
  assert.equal((await taskOf(store, younger)).status, 'completed');
  more(machine, 'cancelled', 50);
  await due(store);
  assert.equal(await store.run('get', { id: younger, payloads: [] }), null);
  for (const id of Object.values(others)) await taskOf(store, id); // never unread, failed or keyed ones
  assert.equal(await due(store), 0, 'nothing more can go');
});

test('beyond 1 GiB of payloads the same go, until there is room again; a child that its parent needs does not', async (t) => {
  const machine = new Machine(t);
  const store = await machine.process();
  await store.run('register', { row: workerRow('w') });
  const parent = await enter(store);
  const [running] = await claim(store, 'w');
  const as = { parent: running as Attempt, childKey: 'c' };
  const child = await enter(store, { parent_id: parent.id }, as);
  const [run] = await claim(store, 'w');
  const { attempt, epoch } = run as Attempt;
  await store.run('change', { changes: [{ id: child.id, command: { command: 'succeed', attempt, epoch } }] });
  const ids = [child.id];
  for (let n = 0; n < 3; n++) {
    machine.pass(1);
    ids.push(await completed(store, 'w', KEEPS));
  }
  for (const id of ids) await store.run('see', { id });
  // each of them has the 9 bytes {"a":1} and {} of input and config
  more(machine, 'payload_bytes', 2 ** 30 - 5 * 9 + 10);
  await due(store);
  const left = (await store.run('list', EVERYTHING)).tasks.map(({ id }) => id);
  assert.deepEqual(left.sort(), [parent.id, child.id, ids[3] as string].sort());
});

test('the bytes of all payloads are counted, whatever becomes of them', async (t) => {
  const machine = new Machine(t);
  const store = await machine.process();
  const counted = () => machine.sql<{ n: number }>("SELECT n FROM counts WHERE status = 'payload_bytes'")[0]?.n;
  const there = () =>
    machine.sql<{ n: number }>('SELECT coalesce(sum(octet_length(data)), 0) AS n FROM payloads')[0]?.n;
  const same = (what: string): void => assert.equal(counted(), there(), what);
  await store.run('register', { row: workerRow('w') });
  const payloads = { input: '"ä€😀"', config: '{}', metadata: '{"a":[1,2]}' };
  const { id } = await enter(store, { retries: 3, backoff: { initial: 0 } }, { payloads });
  same('submit');
  for (const details of ['"first"', '"another, longer"']) {
    const [run] = await claim(store, 'w');
    const { attempt, epoch } = run as Attempt;
    const error = { code: 'failed', name: 'Error', message: 'no', retryable: true } as const;
    const command = { command: 'fail', attempt, epoch, error } as const;
    await store.run('change', { changes: [{ id, command, payloads: { error_details: details } }] });
    same(details);
  }
  await store.run('change', { changes: [{ id, command: { command: 'cancel' } }] });
  const again = await store.run('retry', { id, start: null });
  same('retry');
  const [run] = await claim(store, 'w');
  const { attempt, epoch } = run as Attempt;
  const succeed = { id: again.task.id, command: { command: 'succeed', attempt, epoch } as const };
  await store.run('change', { changes: [{ ...succeed, payloads: { result: '"ü"' } }] });
  await store.run('change', { changes: [{ ...succeed, payloads: { result: '"late"' } }] });
  same('results');
  assert.ok((there() ?? 0) > 0);
  await store.run('clear', { ids: null, status: [], olderThan: null, dryRun: false });
  same('clear');
  assert.equal(counted(), 0);
});

test('clear says how many keys it freed: not those that were free already', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  const done = await completed(store, 'w', { idempotency_key: 'a' });
  const plain = await completed(store, 'w');
  const cancelled = await submitOne(store, { idempotency_key: 'b' });
  await store.run('change', { changes: [{ id: cancelled, command: { command: 'cancel' } }] });
  const live = await submitOne(store, { idempotency_key: 'c' });
  const query = { ids: null, status: [], olderThan: null };
  const all = { ids: [done, plain, cancelled], keys: 1 };
  assert.deepEqual(await store.run('clear', { ...query, dryRun: true }), all);
  assert.deepEqual(await store.run('clear', { ...query, dryRun: false }), all);
  assert.equal((await store.run('get', { id: live, payloads: [] }))?.status, 'pending', 'live tasks are never dropped');
});

test('a file from before knows the bytes of its payloads after it was brought forward', async (t) => {
  const path = join(tempFolder(t), '.offstage', 'tasks.db');
  await (await openStore(path, { mount: 'direct' })).close();
  rmSync(path);
  const old = connect(path);
  const before = STEPS.findIndex((step) => sqlOf(step).includes('payload_bytes'));
  migrate(old, () => {}, STEPS.slice(0, before));
  old.exec(`INSERT INTO payloads (task, kind, data) VALUES (99, 'input', '"ü"'), (99, 'config', '{}')`);
  old.close();
  chmodSync(path, 0o600);
  const store = await openStore(path, { mount: 'direct' });
  t.after(() => store.close());
  await submitOne(store); // a write brings it forward, with 9 bytes more
  const counted = connect(path);
  t.after(() => counted.close());
  assert.equal(counted.prepare("SELECT n FROM counts WHERE status = 'payload_bytes'").get()?.n, 15);
  const { payload_bytes, ...statuses } = (await store.run('counts', {})) as unknown as Record<string, number>;
  assert.deepEqual([payload_bytes, Object.keys(statuses).length], [undefined, 7]);
});

test('a look that nobody waits for is written with the next commit, or alone after a moment, or by the close', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  const [a, b, c] = [await completed(store, 'w'), await completed(store, 'w'), await completed(store, 'w')];
  const done: string[] = [];
  const late = (id: string) => store.run('seeAll', { ids: [id] }).then(() => done.push(id));
  const others = [late(a), submitOne(store).then(() => done.push('submit'))];
  await Promise.all(others);
  assert.deepEqual(done, [a, 'submit'], 'in the order of asking');
  await late(b);
  const again = store.run('see', { id: b });
  assert.equal((await taskOf(store, b)).drop_at, await again, 'the first look counts');
  const other = await openStore(store.path, { mount: 'direct' });
  const closing = [other.run('seeAll', { ids: [c] }), other.close()];
  await Promise.all(closing);
  for (const id of [a, b, c]) assert.equal((await store.run('get', { id, payloads: [] }))?.seen, true);
});
