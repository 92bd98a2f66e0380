/** Files of older schemas: read as they are, brought forward by a write, if no worker of their version lives. */

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { due } from '#offstage/reap/index.js';
import { openStore, type Store } from '#offstage/store/index.js';
import { operationOf } from '#offstage/store/ops/index.js';
import { type Connection, connect } from '#offstage/store/sqlite/driver.js';
import { dropViews, makeViews } from '#offstage/store/sqlite/older.js';
import { migrate, SCHEMA, STEPS, type Step, schemaOf } from '#offstage/store/sqlite/schema.js';
import type { Ops } from '#offstage/store/types.js';
import { heard } from '../../waiting.js';
import { claim, enter, idleProcess, newTask, submitOne, tempFolder, tempStore, workerRow } from './helpers.js';

const OLDER = Array.from({ length: SCHEMA - 1 }, (_, n) => n + 1);

/** The schema from which on events have an order. */
const FEED = 10;

const tablesOf = (db: Connection, schema = 'main'): string[] =>
  db
    .prepare(`SELECT name FROM ${schema}.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`)
    .all()
    .map(({ name }) => String(name));

const columnsOf = (db: Connection, table: string): string[] =>
  db
    .prepare(`SELECT name FROM pragma_table_info('${table}')`)
    .all()
    .map(({ name }) => String(name));

/** Tasks in every state, with events, payloads and a worker that is gone. */
async function life(t: TestContext): Promise<Store> {
  const store = await tempStore(t);
  const dead = await idleProcess(t);
  await store.run('register', { row: workerRow('gone', dead.pid) });
  const done = await submitOne(store);
  const [first] = await claim(store, 'gone');
  assert.equal(first?.id, done);
  const key = { attempt: 1, epoch: first?.epoch ?? 0 };
  await store.run('change', {
    changes: [{ id: done, command: { command: 'succeed', ...key }, payloads: { result: '{"x":1}' } }],
  });
  await submitOne(store, { session_id: 's' });
  await claim(store, 'gone');
  await submitOne(store, { run_at: Date.now() + 3_600_000 });
  await enter(store, {}, { needs: ['NOBODY_HAS_THIS'] });
  const cancelled = await submitOne(store);
  await store.run('change', { changes: [{ id: cancelled, command: { command: 'cancel', by: 'caller' } }] });
  dead.kill('SIGKILL');
  await heard(dead, 'exit');
  return store;
}

/** Columns that no version writes any more. */
const WERE: Readonly<Record<string, string>> = { later: "stand IS 'later'", held: "stand IS 'held'" };

/** A file of schema `version` that holds what `from` does, as far as that schema knows it. */
function olderFile(t: TestContext, version: number, from?: Store): string {
  const folder = join(tempFolder(t), '.offstage');
  mkdirSync(folder, { mode: 0o700 });
  const path = join(folder, 'tasks.db');
  writeFileSync(path, '', { mode: 0o600 });
  const db = connect(path);
  db.exec('PRAGMA journal_mode = WAL');
  migrate(db, () => {}, STEPS.slice(0, version));
  if (from !== undefined) {
    db.prepare('ATTACH ? AS newer').run(from.path);
    for (const table of tablesOf(db)) {
      if (table === 'counts' || table === 'meta') continue; // the triggers count; a file has an id of its own
      const columns = columnsOf(db, table);
      const values = columns.map((name) => WERE[name] ?? name).join(', ');
      db.exec(`INSERT INTO main.${table} (${columns.join(', ')}) SELECT ${values} FROM newer.${table}`);
    }
  }
  db.close();
  return path;
}

const ANY = { status: [], sessionId: null, recipe: null, attention: false, limit: 100, offset: 0, before: null };

const READS: { [K in keyof Ops]?: Parameters<Ops[K]>[0][] } = {
  find: [{ prefix: 'task_' }],
  list: [
    ANY,
    { status: [], sessionId: null, recipe: 'job', attention: true, limit: 2, offset: 1, before: null },
    { status: [], sessionId: null, recipe: null, tags: ['t'], attention: false, limit: 9, offset: 0, before: null },
    { status: ['running'], sessionId: 's', recipe: null, attention: false, limit: 10, offset: 0, before: 99 },
    { ...ANY, name: 'job', since: 1, relatives: true },
  ],
  counts: [{}],
  ids: [{ status: ['pending', 'running'] }],
  live: [{ ids: [] }],
  sessionEvents: [{ session: 's', limit: 10 }],
  conversation: [{ session: 's', limit: 10 }],
  stranded: [{ worker: 'w' }],
  answered: [{ key: 'k', digest: 'd' }],
  schedules: [{ which: null }, { which: 'one' }],
  dueSchedules: [
    { by: 'worker', codes: ['job'] },
    { by: 'loop', codes: [] },
  ],
  standby: [{}],
  nextDelivery: [{ channels: ['ops'] }],
  deliveries: [{ state: null, task: null, before: null, limit: 10 }],
  typing: [{ pid: 1 }],
  origin: [{ session: 's' }],
};

async function answers(path: string, ids: readonly string[]): Promise<unknown[]> {
  const store = await openStore(path, { mount: 'direct', now: () => 2_000_000_000_000 });
  try {
    const perTask = ids.flatMap((id): [keyof Ops, unknown][] => [
      ['get', { id, payloads: ['input', 'config', 'metadata', 'result', 'error_details'] }],
      ['events', { id, after: 0, limit: 100 }],
      ['step', { id, key: 'k' }],
      ['cancellation', { id }],
      ['handed', { id, kinds: ['input', 'config', 'result'] }],
      ['live', { ids: [id] }],
      ['getAll', { ids: [id, 'task_none'], payloads: ['input', 'result'] }],
      ['outcomes', { ids: [id, 'task_none'] }],
      ['eventsOfAll', { of: [{ id, after: 1 }] }],
      ['provision', { id }],
      ['recoverable', { ids: [id], force: true, certain: false }],
    ]);
    const looks: [keyof Ops, unknown][] = [
      ['clear', { ids: null, status: [], olderThan: null, dryRun: true }],
      ['recoverable', { ids: null, force: true, certain: false }],
    ];
    const others = Object.entries(READS).flatMap(([op, all]) => all.map((args) => [op, args] as [keyof Ops, unknown]));
    const found = [];
    for (const [op, args] of [...others, ...perTask, ...looks]) found.push(await store.run(op, args as never));
    return found;
  } finally {
    await store.close();
  }
}

for (const version of OLDER) {
  test(`a file of schema ${version} is read as it is: as after its migration, and not a byte of it changes`, async (t) => {
    const from = await life(t);
    const path = olderFile(t, version, from);
    const ids = (await from.run('ids', { status: ['pending', 'running', 'completed', 'cancelled'] })) as string[];
    assert.equal(ids.length, 5);
    const before = readFileSync(path);
    const older = await answers(path, ids);
    assert.deepEqual(readFileSync(path), before);
    const copies = readdirSync(dirname(path)).filter((name) => name.endsWith('.bak'));
    assert.deepEqual(copies, []);
    const db = connect(path);
    assert.equal(schemaOf(db).version, version);
    makeViews(db, version);
    const shown = Object.fromEntries(tablesIn(db).map((table) => [table, rowsOf(db, table)]));
    dropViews(db);
    migrate(db, () => {});
    const migrated = Object.fromEntries(tablesIn(db).map((table) => [table, rowsOf(db, table)]));
    db.close();
    const known = version < FEED ? [] : migrated.meta;
    assert.deepEqual(shown.meta, known, 'a cursor of what may still be written by another version means nothing');
    assert.match(JSON.stringify(migrated.meta), /"value":"[0-9a-f]{16}"/);
    assert.deepEqual({ ...shown, meta: migrated.meta }, migrated);
    assert.deepEqual(older, await answers(path, ids));
  });
}

/** The tables of the newest schema. */
function tablesIn(_: Connection): string[] {
  const newest = connect(':memory:');
  migrate(newest, () => {});
  const tables = tablesOf(newest);
  newest.close();
  return tables;
}

const rowsOf = (db: Connection, table: string): unknown[] =>
  db
    .prepare(`SELECT * FROM ${table} ORDER BY 1, 2`)
    .all()
    .map((row) => ({ ...row }));

test('every read operation is among those that were compared; what workers alone ask is asked after an upgrade', async () => {
  const compared = new Set<string>([
    ...Object.keys(READS),
    'get',
    'events',
    'step',
    'cancellation',
    'getAll',
    'outcomes',
    'eventsOfAll',
    'handed',
    'provision',
    'recoverable',
    'feed', // its numbers are those of the moment, and nobody is to keep them
    ...['measure', 'measureTimes'], // so are these; what they read is compared above, table by table
    'overdue',
    'poll',
    'changedCode',
    // of the order of an older file nothing is told: see feed.test
    'feed',
    'changedSince',
  ]);
  const { ALL } = await import('#offstage/store/ops/index.js');
  for (const name of ALL) {
    if ((await operationOf(name)).kind === 'read') assert.ok(compared.has(name), name);
  }
});

test('layers: a later step sees the columns of an earlier one; what a step says stands for a default', (t) => {
  const steps: Step[] = [
    'CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (7)',
    "ALTER TABLE a ADD COLUMN y TEXT NOT NULL DEFAULT 'd'",
    {
      sql: 'ALTER TABLE a ADD COLUMN z; UPDATE a SET z = y || x, x = x + 1; CREATE TABLE b (q DEFAULT 3)',
      reads: { columns: { a: { z: 'y || x', x: 'x + 1' } } },
    },
  ];
  const read = (db: Connection) => [db.prepare('SELECT * FROM a').get(), db.prepare('SELECT * FROM b').all()];
  const db = connect(join(tempFolder(t), 'x.db'));
  migrate(db, () => {}, steps.slice(0, 1));
  makeViews(db, 1, steps);
  const shown = read(db);
  dropViews(db);
  migrate(db, () => {}, steps);
  assert.deepEqual(shown, read(db));
  assert.deepEqual({ ...shown[0] }, { x: 8, y: 'd', z: 'd7' });
  db.close();
});

test('a look at an older file decides nothing and upgrades nothing; the next write does both, after a copy', async (t) => {
  const from = await life(t);
  const path = olderFile(t, 1, from);
  const store = await openStore(path, { mount: 'direct' });
  t.after(() => store.close());
  assert.equal(await due(store), 0);
  assert.equal((await store.run('counts', {})).running, 1);
  const [running] = await store.run('ids', { status: ['running'] });
  const seen = await store.run('get', { id: running as string, payloads: [] });
  assert.deepEqual([seen?.status, seen?.owner], ['running', 'gone'], 'what can be derived is');
  await submitOne(store);
  const counts = await store.run('counts', {});
  assert.deepEqual([counts.running, counts.failed], [0, 1], 'what was left undone came first');
  assert.equal(readdirSync(dirname(path)).filter((name) => /\.v1-\d+\.bak$/.test(name)).length, 1);
});

test('a write is refused while a worker of an older version lives, and names it; reading goes on; then it upgrades', async (t) => {
  const path = olderFile(t, 1);
  const old = await idleProcess(t);
  const row = workerRow('worker_of_old', old.pid);
  const db = connect(path);
  db.prepare(
    `INSERT INTO workers (id, boot, pid_ns, pid, start_time, host, state, concurrency, env, lease_until, started_at)
     VALUES (?, ?, ?, ?, ?, ?, 'live', 5, '[]', ?, ?)`,
  ).run(row.id, row.boot, row.pid_ns, row.pid, row.start_time, row.host, row.lease_until, row.started_at);
  db.close();
  const before = readFileSync(path);
  for (const mount of ['direct', 'thread'] as const) {
    const store = await openStore(path, { mount });
    await assert.rejects(submitOne(store), (error: Error & { details?: { reason?: string } }) => {
      assert.match(error.message, new RegExp(`worker_of_old \\(pid ${old.pid} on .*store migrate --force`));
      return error.details?.reason === 'older_worker';
    });
    await assert.rejects(store.run('register', { row: workerRow('new') }), /worker_of_old/);
    assert.equal(await due(store), 0);
    const start = workerRow('next', process.pid, { state: 'starting' });
    assert.equal((await store.run('needWorker', { id: 'task_x', start })).spawn, false);
    assert.equal((await store.run('counts', {})).pending, 0);
    await store.close();
  }
  assert.deepEqual(readFileSync(path), before);
  old.kill('SIGKILL');
  await heard(old, 'exit');
  const store = await openStore(path, { mount: 'direct' });
  t.after(() => store.close());
  await store.run('submit', { tasks: [newTask()], start: null });
  assert.equal((await store.run('counts', {})).pending, 1);
});

test('who reads an older file while another process upgrades it reads on', async (t) => {
  const path = olderFile(t, 1, await life(t));
  const reader = await openStore(path, { mount: 'direct' });
  t.after(() => reader.close());
  const before = await reader.run('counts', {});
  const writer = await openStore(path, { mount: 'direct' });
  await due(writer); // a look upgrades nothing
  assert.deepEqual(await reader.run('counts', {}), before);
  await submitOne(writer);
  await writer.close();
  assert.equal((await reader.run('counts', {})).failed, 1);
  await submitOne(reader);
});

test('a row that a worker of another boot left long ago refuses no upgrade; one whose lease was over lately does', async (t) => {
  const HOUR = 3_600_000;
  for (const [over, upgrades] of [
    [10 * 60_000, false],
    [2 * HOUR, true],
  ] as const) {
    const path = olderFile(t, 1);
    const row = workerRow('worker_of_old', 1, { boot: 'the boot before' });
    const db = connect(path);
    db.prepare(
      `INSERT INTO workers (id, boot, pid_ns, pid, start_time, host, state, concurrency, env, lease_until, started_at)
       VALUES (?, ?, ?, ?, ?, ?, 'live', 5, '[]', ?, ?)`,
    ).run(row.id, row.boot, row.pid_ns, row.pid, row.start_time, row.host, Date.now() - over, row.started_at);
    db.close();
    const store = await openStore(path, { mount: 'direct' });
    t.after(() => store.close());
    if (upgrades) await submitOne(store);
    else await assert.rejects(submitOne(store), /worker_of_old/);
  }
});
