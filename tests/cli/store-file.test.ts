/** `offstage store …`: the file, its copies, its schema; as processes. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { connect } from '#offstage/store/sqlite/driver.js';
import { migrate, SCHEMA, STEPS, schemaOf } from '#offstage/store/sqlite/schema.js';
import { Scene, until } from './scene.js';

interface Doc {
  ok: boolean;
  exit: number;
  code?: string;
  error?: string;
  details?: { reason?: string; problems?: string[]; workers?: { id: string }[] };
  [key: string]: unknown;
}

const store = (scene: Scene, ...args: string[]): Promise<Doc> => scene.project.json<Doc>('store', ...args);

async function twoTasks(t: TestContext): Promise<Scene> {
  const scene = new Scene(t);
  for (const _ of [1, 2]) await scene.submit('counted', '--no-worker');
  return scene;
}

/** A store of the first schema. */
function olderStore(t: TestContext): Scene {
  const scene = new Scene(t);
  mkdirSync(scene.file('.offstage'), { mode: 0o700 });
  writeFileSync(scene.project.store, '', { mode: 0o600 });
  const db = connect(scene.project.store);
  db.exec('PRAGMA journal_mode = WAL');
  migrate(db, () => {}, STEPS.slice(0, 1));
  db.close();
  return scene;
}

const schemaIn = (scene: Scene): number => {
  const db = connect(scene.project.store);
  const { version } = schemaOf(db);
  db.close();
  return version;
};

test('check: what the store is; where there is none nothing is made', async (t) => {
  const empty = new Scene(t);
  const none = await store(empty, 'check');
  assert.deepEqual([none.ok, none.exit, none.code, none.details?.reason], [false, 1, 'store', 'absent']);
  assert.deepEqual(readdirSync(empty.folder).includes('.offstage'), false);
  const scene = await twoTasks(t);
  const { ok, schema, known_schema, journal, tasks, problems, workers, path } = await store(scene, 'check');
  assert.deepEqual([ok, schema, known_schema, journal, problems, workers], [true, SCHEMA, SCHEMA, 'wal', [], []]);
  assert.deepEqual([(tasks as Record<string, number>).pending, path], [2, scene.project.store]);
});

test('check: a wrong count, an unreadable record, rows of nobody and damaged pages are each told', async (t) => {
  const scene = await twoTasks(t);
  scene.sql("UPDATE counts SET n = 7 WHERE status = 'failed'");
  scene.sql("UPDATE tasks SET record = '{' WHERE seq = 1");
  scene.sql("INSERT INTO steps (task, key, data) VALUES (99, 'k', '1')");
  const told = await store(scene, 'check');
  assert.deepEqual([told.ok, told.exit, told.code, told.details?.reason], [false, 1, 'store', 'corrupt']);
  assert.deepEqual(
    told.details?.problems?.map((text) => text.replace(/task_\w+/, 'ID')),
    ['counts says 7 for failed, there are 0', 'the record of ID cannot be read', '1 rows of steps belong to no task'],
  );
  scene.sql('PRAGMA wal_checkpoint(TRUNCATE)');
  const bytes = readFileSync(scene.project.store);
  bytes.fill(0xff, 8192, 12_288);
  writeFileSync(scene.project.store, bytes);
  const damaged = await store(scene, 'check');
  assert.deepEqual([damaged.ok, damaged.code, damaged.details?.reason], [false, 'store', 'corrupt']);
});

test('backup and restore: the tasks and the key come back; what was there is kept; nothing is overwritten', async (t) => {
  const scene = await twoTasks(t);
  const key = scene.file('.offstage/env.key');
  writeFileSync(key, 'k'.repeat(32), { mode: 0o600 });
  const to = scene.file('copy.db');
  const copied = await store(scene, 'backup', to);
  assert.deepEqual(
    [copied.ok, copied.path, copied.tasks, copied.schema, copied.key],
    [true, to, 2, SCHEMA, `${to}.key`],
  );
  for (const file of [to, `${to}.key`]) assert.equal(statSync(file).mode & 0o777, 0o600, file);
  const again = await store(scene, 'backup', to);
  assert.deepEqual([again.code, again.exit], ['conflict', 4]);
  symlinkSync('nowhere', scene.file('link.db'));
  assert.equal((await store(scene, 'backup', scene.file('link.db'))).ok, false, 'a link is not followed');

  const third = await scene.submit('counted', '--no-worker');
  writeFileSync(key, 'n'.repeat(32));
  const restored = await store(scene, 'restore', to);
  assert.deepEqual([restored.ok, restored.tasks, restored.kept], [true, 2, `${scene.project.store}.1.bak`]);
  assert.equal(readFileSync(key, 'utf8'), 'k'.repeat(32));
  assert.deepEqual(
    [(await store(scene, 'check')).ok, (await scene.cli('status', third)).code],
    [true, 'task_not_found'],
  );
  assert.equal((await store(scene, 'restore', String(restored.kept))).tasks, 3, 'and back');
  assert.equal((await scene.status(third)).status, 'pending');
  assert.equal(statSync(scene.project.store).mode & 0o777, 0o600);
});

test('restore: refused while a worker lives, and names it; with --force the worker ends, its children too', async (t) => {
  const scene = new Scene(t);
  const worker = await scene.worker('--concurrency', '1');
  const to = scene.file('copy.db');
  assert.equal((await store(scene, 'backup', to)).ok, true);
  const id = await scene.submit('deaf', '--no-worker');
  await scene.written('runs');
  const refused = await store(scene, 'restore', to);
  assert.deepEqual([refused.code, refused.exit, refused.details?.workers?.[0]?.id], ['conflict', 4, worker.id]);
  assert.equal((await scene.status(id)).status, 'running');
  const forced = await store(scene, 'restore', to, '--force');
  assert.equal(forced.ok, true);
  const { code, stderr, stdout } = await worker.cli.ended;
  assert.equal(code, 1);
  assert.match(stdout + stderr, /was removed or replaced/);
  await until(() => scene.project.processes().length === 0);
  assert.equal((await scene.cli('status', id)).code, 'task_not_found');
  assert.equal((await store(scene, 'check')).ok, true);
});

test('restore: a damaged backup changes nothing; a damaged store is replaced with --force only; one is made where there is none', async (t) => {
  const scene = await twoTasks(t);
  const to = scene.file('copy.db');
  await store(scene, 'backup', to);
  const broken = readFileSync(to);
  broken.fill(0xff, 8192, 12_288);
  writeFileSync(scene.file('broken.db'), broken);
  writeFileSync(scene.file('text.db'), 'no store at all');
  for (const file of ['broken.db', 'text.db', 'missing.db']) {
    const refused = await store(scene, 'restore', scene.file(file), '--force');
    assert.deepEqual([refused.ok, refused.code], [false, 'store'], file);
  }
  assert.equal((await store(scene, 'check')).ok, true);
  writeFileSync(scene.project.store, 'overwritten by something else entirely'.repeat(200));
  assert.deepEqual(
    [(await store(scene, 'restore', to)).code, (await store(scene, 'restore', to)).exit],
    ['conflict', 4],
  );
  assert.equal((await store(scene, 'restore', to, '--force')).ok, true);
  assert.deepEqual([(await store(scene, 'check')).ok, (await scene.cli('list')).ok], [true, true]);
  const other = new Scene(t);
  const made = await store(other, 'restore', to);
  assert.deepEqual([made.ok, made.kept, made.tasks], [true, null, 2]);
  assert.equal(statSync(other.project.store).mode & 0o777, 0o600);
});

test('migrate: what is older is brought forward after a copy, once; reading alone never does', async (t) => {
  const scene = olderStore(t);
  const listed = await scene.cli('list');
  assert.deepEqual([listed.ok, schemaIn(scene)], [true, 1]);
  assert.deepEqual([(await store(scene, 'check')).schema, schemaIn(scene)], [1, 1]);
  const done = await store(scene, 'migrate');
  assert.deepEqual([done.ok, done.migrated, done.from_schema, done.schema], [true, true, 1, SCHEMA]);
  const again = await store(scene, 'migrate');
  assert.deepEqual([again.ok, again.migrated, again.backup], [true, false, null]);
  const copy = connect(String(done.backup));
  assert.equal(schemaOf(copy).version, 1);
  copy.close();
});

test('migrate: refused while a worker of an older version lives, as every write is; --force ends that worker', async (t) => {
  const scene = olderStore(t);
  const [stat] = readFileSync('/proc/self/stat', 'latin1').split(') ').slice(-1);
  const start = stat?.split(' ')[19] ?? '';
  const db = connect(scene.project.store);
  const { here } = await import('#offstage/platform/process.js');
  const { boot, pid_ns, host } = here();
  db.prepare(
    `INSERT INTO workers (id, boot, pid_ns, pid, start_time, host, state, concurrency, env, lease_until, started_at)
     VALUES ('worker_old', ?, ?, ?, ?, ?, 'live', 5, '[]', ?, 0)`,
  ).run(boot, pid_ns, process.pid, start, host, Date.now() + 60_000);
  db.close();
  for (const args of [['submit', '--recipe', 'counted'], ['clear'], ['worker']]) {
    const refused = await scene.cli(...args);
    assert.deepEqual([refused.ok, refused.code, refused.exit], [false, 'store', 1], args.join(' '));
  }
  for (const args of [['list'], ['clear', '--dry-run'], ['recover', '--all', '--dry-run']]) {
    assert.equal((await scene.cli(...args)).ok, true, args.join(' '));
  }
  const refused = await store(scene, 'migrate');
  assert.deepEqual([refused.details?.reason, refused.details?.workers?.[0]?.id], ['older_worker', 'worker_old']);
  assert.equal(schemaIn(scene), 1);
  assert.equal((await store(scene, 'migrate', '--force')).migrated, true);
  assert.equal(schemaIn(scene), SCHEMA);
});
