import assert from 'node:assert/strict';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { due } from '#offstage/reap/index.js';
import { type Attempt, openStore, type Store } from '#offstage/store/index.js';
import { MOST_BYTES, MOST_EVENTS } from '#offstage/store/rows/told.js';
import { READY } from '#offstage/store/sql/conditions.js';
import { Database } from '#offstage/store/sqlite/database.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import { isBusy } from '#offstage/store/sqlite/faults.js';
import { claim, newTask, submitOne, tempFolder, tempStore, workerRow } from './helpers.js';

function sql(store: Store, text: string, ...values: (string | number)[]) {
  const connection = connect(store.path);
  try {
    return connection.prepare(text).all(...values);
  } finally {
    connection.close();
  }
}

async function claimOne(store: Store, worker = 'w'): Promise<Attempt> {
  await store.run('register', { row: workerRow(worker) });
  const [claimed] = await claim(store, worker);
  assert.ok(claimed);
  return { id: claimed.id, attempt: claimed.attempt, epoch: claimed.epoch };
}

test('claims walk the index of ready tasks: no sort, and only held tasks are counted for a limit', async (t) => {
  const store = await tempStore(t);
  const query = `EXPLAIN QUERY PLAN SELECT seq FROM ${READY} ORDER BY priority DESC, head DESC, seq LIMIT 1`;
  const plan = sql(store, query, 'w', 0).map(({ detail }) => String(detail));
  assert.ok(
    plan.some((line) => /tasks USING INDEX tasks_ready/.test(line)),
    plan.join('\n'),
  );
  assert.ok(
    plan.some((line) => /held USING (COVERING )?INDEX tasks_slot/.test(line)),
    plan.join('\n'),
  );
  assert.ok(!plan.some((line) => /TEMP B-TREE/.test(line)), plan.join('\n'));
});

test('a store that was removed acknowledges nothing more', async (t) => {
  const store = await openStore(join(tempFolder(t), '.offstage', 'tasks.db'), { mount: 'direct' });
  t.after(() => store.close());
  await submitOne(store);
  rmSync(store.folder, { recursive: true });
  const gone = { code: 'store', message: /was removed or replaced/ };
  await assert.rejects(submitOne(store), gone);
  await assert.rejects(store.run('counts', {}), gone);
});

test('a store that was removed is told as such, not as held, by whoever waits behind its lock', async (t) => {
  const db = new Database(join(tempFolder(t), '.offstage', 'tasks.db'));
  const other = connect(db.path);
  t.after(() => [other.close(), db.close()]);
  other.exec('BEGIN IMMEDIATE');
  assert.throws(() => db.transaction(true, () => {}), isBusy);
  rmSync(db.folder, { recursive: true });
  assert.throws(() => db.transaction(true, () => {}), { code: 'store', details: { reason: 'gone' } });
});

test('a damaged record keeps no other task from being claimed, lost or expired', async (t) => {
  const store = await tempStore(t);
  const damaged = await submitOne(store, { priority: 50 });
  const held = await submitOne(store, { priority: 40 });
  const expired = await submitOne(store, { priority: 30, ttl_ms: 1, run_at: Date.now() - 60_000 });
  const healthy = await submitOne(store);
  sql(store, "UPDATE tasks SET record = 'garbage' WHERE id = ?", damaged);
  await store.run('register', { row: workerRow('w') });
  const claimed = await claim(store, 'w');
  assert.deepEqual(
    claimed.map(({ id }) => id),
    [held, healthy],
  );
  sql(store, "UPDATE tasks SET record = '[' WHERE id IN (?, ?)", held, expired);
  await store.run('leave', { worker: 'w', force: true });
  await due(store);
  assert.equal((await store.run('get', { id: healthy, payloads: [] }))?.status, 'failed');
  assert.equal(await due(store), 0, 'what cannot be decided is not looked at for ever');
});

test('a task whose time to start is over keeps no other from being claimed', async (t) => {
  const store = await tempStore(t);
  await submitOne(store, { priority: 9, ttl_ms: 1, run_at: Date.now() - 60_000 });
  const good = await submitOne(store);
  assert.equal((await claimOne(store)).id, good);
});

test('a stopping worker claims nothing, and others do not count on it', async (t) => {
  const store = await tempStore(t);
  await store.run('register', { row: workerRow('w') });
  await store.run('stopping', { worker: 'w' });
  const start = workerRow('next', process.pid, { state: 'starting' });
  const task = newTask();
  assert.equal((await store.run('submit', { tasks: [task], start })).spawn, true);
  assert.deepEqual(await claim(store, 'w'), []);
});

test('error details are those of the error that is shown, not of an earlier attempt', async (t) => {
  const store = await tempStore(t);
  const id = await submitOne(store, { retries: 1, backoff: { initial: 0 } });
  const first = await claimOne(store);
  const error = { code: 'failed', name: 'Error', message: 'first', retryable: true };
  const fail = { command: 'fail', error, settled: true } as const;
  const error_details = '{"stack":"first"}';
  await store.run('change', { changes: [{ id, command: { ...fail, ...key(first) }, payloads: { error_details } }] });
  const second = await claimOne(store);
  assert.equal(second.attempt, 2);
  await store.run('change', { changes: [{ id, command: { ...fail, ...key(second) } }] });
  const stored = await store.run('get', { id, payloads: ['error_details'] });
  assert.deepEqual([stored?.status, stored?.payloads], ['failed', {}]);
});

const key = ({ attempt, epoch }: Attempt) => ({ attempt, epoch });

test('a task keeps a bounded number of events: the oldest logs go, the facts of its life stay', async (t) => {
  const store = await tempStore(t);
  const id = await submitOne(store);
  const attempt = await claimOne(store);
  const log = { id, command: { command: 'log', line: 'x', ...key(attempt) } as const };
  for (let n = 0; n < 6; n++) await store.run('change', { changes: Array.from({ length: 2000 }, () => log) });
  const kinds = sql(store, 'SELECT kind, min(seq) AS first, count(*) AS n FROM events GROUP BY kind ORDER BY kind');
  const of = Object.fromEntries(kinds.map(({ kind, n }) => [kind, Number(n)]));
  assert.deepEqual([of.submitted, of.started], [1, 1]);
  assert.ok((of.log ?? 0) <= MOST_EVENTS && (of.log ?? 0) > MOST_EVENTS - 1000, `${of.log} log events`);
  const [row] = sql(store, 'SELECT event_count AS n, event_bytes AS bytes FROM tasks');
  const [events] = sql(store, 'SELECT count(*) AS n, sum(length(data)) AS bytes FROM events');
  assert.deepEqual({ ...row }, { ...events });
  assert.equal(Number(sql(store, 'SELECT max(seq) AS last FROM events')[0]?.last), 12_002, 'the newest are kept');
});

test('many first opens at once make one store', async (t) => {
  for (let round = 0; round < 20; round++) {
    const path = join(tempFolder(t), '.offstage', 'tasks.db');
    const stores = await Promise.all([1, 2, 3].map(() => openStore(path, { mount: 'thread' })));
    for (const store of stores) await store.close();
  }
});

test('a record that is JSON but no record keeps no other task from being claimed, lost or expired', async (t) => {
  const store = await tempStore(t);
  const damaged = await submitOne(store, { priority: 50 });
  const held = await submitOne(store, { priority: 40 });
  const expired = await submitOne(store, { priority: 30, ttl_ms: 1, run_at: Date.now() - 60_000 });
  const healthy = await submitOne(store);
  sql(store, "UPDATE tasks SET record = '{}' WHERE id = ?", damaged);
  await store.run('register', { row: workerRow('w') });
  const claimed = await claim(store, 'w');
  assert.deepEqual(
    claimed.map(({ id }) => id),
    [held, healthy],
  );
  sql(
    store,
    `UPDATE tasks SET record = '{"hold":{"worker":"w","attempt":1,"epoch":1}}' WHERE id IN (?, ?)`,
    held,
    expired,
  );
  await store.run('leave', { worker: 'w', force: true });
  await due(store);
  assert.equal((await store.run('get', { id: healthy, payloads: [] }))?.status, 'failed');
  assert.equal(await due(store), 0, 'what cannot be decided is not looked at for ever');
  sql(store, "UPDATE tasks SET record = '{}' WHERE id = ?", healthy);
  await store.run('see', { id: healthy });
});

test('of large events no more go than must: the newest ones stay', async (t) => {
  const store = await tempStore(t);
  const id = await submitOne(store);
  const attempt = await claimOne(store);
  const output = { command: 'output', chunk: 'é'.repeat(30_000), ...key(attempt) } as const;
  for (let n = 0; n < 30; n++) {
    await store.run('change', { changes: Array.from({ length: 10 }, () => ({ id, command: output })) });
  }
  const [kept] = sql(
    store,
    'SELECT count(*) AS n, max(seq) AS last, sum(length(CAST(data AS BLOB))) AS bytes FROM events',
  );
  assert.equal(kept?.last, 302);
  assert.ok(Number(kept?.n) > 240, `${kept?.n} events`);
  assert.ok(Number(kept?.bytes) <= MOST_BYTES, `${kept?.bytes} bytes`);
  const [row] = sql(store, 'SELECT event_count AS n, event_bytes AS bytes, first_seq FROM tasks');
  assert.deepEqual([row?.n, row?.bytes], [kept?.n, kept?.bytes]);
  const page = await store.run('events', { id, after: Number(row?.first_seq) - 1, limit: 1 });
  assert.equal(page?.events[0]?.seq, row?.first_seq);
});

test('a write that finds nothing to do wakes nobody', async (t) => {
  const store = await tempStore(t);
  const limited = newTask({}, { maxConcurrent: 1 });
  const { tasks } = await store.run('submit', { tasks: [limited, limited], start: null });
  const parent = await claimOne(store);
  await store.run('lend', { attempt: parent });
  assert.equal((await claim(store, 'w'))[0]?.id, tasks[1]?.id);
  await store.run('reclaim', { attempt: parent });
  assert.equal((await store.run('poll', { worker: 'w', running: [] })).claimable, true, 'its recipe has no room yet');
  let woken = 0;
  t.after(store.watch(() => woken++));
  const { mtimeMs } = statSync(join(store.folder, 'wake'));
  for (let n = 0; n < 5; n++)
    assert.deepEqual(await store.run('claim', { worker: 'w' }), { started: [], returned: [] });
  assert.deepEqual([woken, statSync(join(store.folder, 'wake')).mtimeMs], [0, mtimeMs]);
});

test('a live task whose record is damaged can be cleared when it is named', async (t) => {
  const store = await tempStore(t);
  const [id, whole] = [await submitOne(store), await submitOne(store)];
  sql(store, 'UPDATE tasks SET record = ? WHERE id = ?', '{}', id);
  const query = { status: [], olderThan: null, dryRun: false };
  assert.deepEqual(await store.run('clear', { ...query, ids: null }), { ids: [], keys: 0 });
  assert.deepEqual(await store.run('clear', { ...query, ids: [id, whole] }), { ids: [id], keys: 0 });
  assert.deepEqual((await store.run('counts', {})).pending, 1);
});
