/** A store whose lock another process holds, that cannot be written, or whose log was removed. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { due } from '#offstage/reap/index.js';
import { openStore, type Store } from '#offstage/store/index.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import { writersOf } from '#offstage/store/sqlite/holders.js';
import { openReadOnly } from '#offstage/store/sqlite/read-only.js';
import { heard, within } from '../../waiting.js';
import { until } from '../client/project.js';
import { claim, idleProcess, submitOne, tempFolder, tempStore, workerRow } from './helpers.js';

const LINUX = { skip: process.platform === 'linux' ? false : 'only Linux tells who holds a lock' };
const DRIVER = import.meta.resolve('#offstage/store/sqlite/driver.js');
const STORE = import.meta.resolve('#offstage/store/index.js');

/** A process that runs this code, and says `ready` when it is there; killed with the test. */
async function other(t: TestContext, code: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const exited = new Promise<unknown[]>((resolve) => child.on('exit', (...end) => resolve(end)));
  const [first] = await Promise.race([heard(child.stdout, 'data'), exited]);
  assert.equal(String(first).trim(), 'ready');
  return {
    pid: child.pid as number,
    child,
    get ended() {
      return within(exited, { what: 'the end of the other process' });
    },
  };
}

/** Holds the write lock, stopped as by Ctrl-Z. A connection that nothing refers to would be collected, and its lock with it. */
async function stoppedHolder(t: TestContext, path: string) {
  const holder = await other(
    t,
    `import { connect } from ${JSON.stringify(DRIVER)}; const db = globalThis.kept = connect(${JSON.stringify(path)});
     db.exec('PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE'); console.log('ready'); process.stdin.resume();`,
  );
  process.kill(holder.pid, 'SIGSTOP');
  if (process.platform === 'linux') await until(() => / T /.test(readFileSync(`/proc/${holder.pid}/stat`, 'utf8')));
  return holder;
}

/** A task whose worker is dead: each look wants to decide it. */
async function lostTask(t: TestContext, store: Store): Promise<string> {
  const dead = await idleProcess(t);
  await store.run('register', { row: workerRow('gone', dead.pid) });
  const id = await submitOne(store);
  await claim(store, 'gone');
  dead.kill('SIGKILL');
  await heard(dead, 'exit');
  return id;
}

for (const mount of ['direct', 'thread'] as const) {
  test(
    `beside a stopped lock holder reads answer from the snapshot with what can be derived, and the next write decides (${mount})`,
    LINUX,
    async (t) => {
      const store = await tempStore(t, mount);
      const id = await lostTask(t, store);
      const holder = await stoppedHolder(t, store.path);
      const start = performance.now();
      assert.equal(await due(store), 0);
      const first = performance.now() - start;
      for (let turn = 0; turn < 10; turn++) assert.equal(await due(store), 0);
      const others = performance.now() - start - first;
      const seen = await store.run('get', { id, payloads: [] });
      assert.deepEqual([seen?.status, seen?.owner], ['running', 'gone']);
      assert.ok(others < 10 * first, `the first look waited ${first} ms, ten more ${others} ms`);
      const writing = submitOne(store); // waits as before
      assert.equal(await due(store), 0, 'a look behind a write that waits does not wait for it');
      process.kill(holder.pid, 'SIGKILL');
      await writing;
      const counts = await store.run('counts', {});
      assert.deepEqual([counts.running, counts.failed, counts.pending], [0, 1, 1], 'what was left undone came first');
    },
  );
}

test('who holds the lock is named by its program and pid, with no more of its command line', LINUX, async (t) => {
  const store = await tempStore(t);
  assert.deepEqual(writersOf(store.path), []);
  const holder = await stoppedHolder(t, store.path);
  const { command, ...who } = writersOf(store.path)[0] ?? { command: '' };
  assert.deepEqual(who, { pid: holder.pid, stopped: true });
  assert.match(command, /^node\S*$/);
  assert.deepEqual(writersOf(join(store.folder, 'other.db')), []);
});

test('a write that was refused for a held lock names who holds it', LINUX, async (t) => {
  const store = await tempStore(t);
  const holder = await stoppedHolder(t, store.path);
  const { heldError } = await import('#offstage/store/sqlite/holders.js');
  const error = heldError(store.path, 30, undefined);
  assert.match(error.message, new RegExp(`was held by node\\S* \\(pid ${holder.pid}, stopped\\) for 30 s; nothing`));
  assert.equal((error.details as { holders: { pid: number }[] }).holders[0]?.pid, holder.pid);
  await store.run('counts', {}); // a reader is held by nobody
});

test(
  'the log was removed under an open store: what was committed is saved, a new one is begun, others wait for it',
  LINUX,
  async (t) => {
    for (const which of [['-wal', '-shm'], ['-wal'], ['-shm']]) {
      const store = await tempStore(t, 'thread');
      const peer = await openStore(store.path, { mount: 'direct' });
      const ids = [await submitOne(store), await submitOne(peer)];
      for (const suffix of which) rmSync(store.path + suffix);
      // Whoever comes now must not begin a log of his own: it would hide what the two have committed.
      const late = await openStore(store.path, { mount: 'direct' });
      assert.deepEqual(await late.run('ids', { status: ['pending'] }), ids.toReversed(), which.join());
      ids.push(await submitOne(late));
      ids.push(await submitOne(peer));
      ids.push(await submitOne(store));
      for (const one of [late, peer, store]) assert.equal((await one.run('counts', {})).pending, 5, which.join());
      for (const one of [late, peer, store]) await one.close();
      const db = connect(store.path);
      assert.equal(db.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok');
      assert.equal(db.prepare('SELECT count(*) AS n FROM tasks').get()?.n, 5);
      db.close();
    }
  },
);

test('two processes whose log was removed: neither loses what it has committed, before or after', LINUX, async (t) => {
  const store = await tempStore(t, 'direct');
  const idle = await other(
    t,
    `import { openStore } from ${JSON.stringify(STORE)};
     const store = await openStore(${JSON.stringify(store.path)}, { mount: 'thread' });
     const task = { spec: { name: 'job', recipe: 'job', timeout_ms: null }, payloads: {}, needs: [], maxConcurrent: null,
       code: null, onConflict: 'parallel', parent: null, childKey: null };
     const submit = () => store.run('submit', { tasks: [task], start: null });
     await submit(); console.log('ready');
     process.stdin.on('data', async () => { await submit(); await store.close(); process.exit(0); });`,
  );
  await submitOne(store);
  for (const suffix of ['-wal', '-shm']) rmSync(store.path + suffix);
  await submitOne(store);
  idle.child.stdin.write('go\n');
  assert.deepEqual(await idle.ended, [0, null]);
  await submitOne(store);
  assert.equal((await store.run('counts', {})).pending, 5);
});

test('others have begun a new log with commits of their own: nobody goes on in the old one', LINUX, async (t) => {
  const store = await tempStore(t);
  await submitOne(store);
  const begun = join(store.folder, 'begun');
  const foreign = await other(
    // a program that knows nothing of our rule
    t,
    `import { rmSync, writeFileSync } from 'node:fs'; import { connect } from ${JSON.stringify(DRIVER)};
     console.log('ready');
     process.stdin.on('data', () => {
       for (const suffix of ['-wal', '-shm']) rmSync(${JSON.stringify(store.path)} + suffix);
       const db = globalThis.kept = connect(${JSON.stringify(store.path)});
       db.exec('CREATE TABLE theirs (x)'); writeFileSync(${JSON.stringify(begun)}, '');
     });`,
  );
  foreign.child.stdin.write('go\n');
  standStillUntil(begun); // else this store would notice, and begin a new log before the others do
  await assert.rejects(submitOne(store), { code: 'store', message: /was removed or replaced/ });
  await assert.rejects(store.run('counts', {}), { code: 'store', message: /was removed or replaced/ });
  process.kill(foreign.pid, 'SIGKILL');
  await foreign.ended;
  await store.close();
  const db = connect(store.path);
  assert.equal(
    db.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'theirs'").get()?.n,
    1,
    'their log stays',
  );
  db.close();
});

/** Blocks the event loop until another process has made a file. */
function standStillUntil(file: string): void {
  const end = performance.now() + 60_000;
  while (!existsSync(file)) {
    assert.ok(performance.now() < end, `${file} was not made within 60 s`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  }
}

const UNPRIVILEGED = { skip: process.getuid?.() === 0 ? 'root may write anywhere' : false };

test(
  'a store in a folder that nothing can be written in is read, and a write says why it is refused',
  UNPRIVILEGED,
  async (t) => {
    const store = await tempStore(t);
    const id = await submitOne(store);
    await store.close();
    chmodSync(store.folder, 0o500);
    t.after(() => chmodSync(store.folder, 0o700));
    const reader = await openStore(store.path, { mount: 'direct' });
    t.after(() => reader.close());
    assert.equal((await reader.run('get', { id, payloads: [] }))?.status, 'pending');
    await assert.rejects(submitOne(reader), { code: 'store', message: /read-only/ });
  },
);

test('read without writing: in place, with a log that was left over by a copy, with a log that others use', async (t) => {
  const store = await tempStore(t, 'direct');
  await submitOne(store);
  const folder = join(tempFolder(t), 'copy');
  mkdirSync(folder);
  const at = join(folder, 'tasks.db');
  for (const suffix of ['', '-wal']) copyFileSync(store.path + suffix, at + suffix); // as after kill -9
  const before = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]);
  const countIn = (path: string, mountIsReadOnly: boolean): unknown => {
    const { connection, leave } = openReadOnly(path, mountIsReadOnly);
    try {
      return connection.prepare('SELECT count(*) AS n FROM tasks').get()?.n;
    } finally {
      connection.close();
      leave();
    }
  };
  assert.equal(countIn(at, true), 1, 'what only the log has');
  assert.equal(countIn(at, false), 1);
  assert.deepEqual(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]),
    before,
  );
  assert.equal(countIn(store.path, true), 1, 'others have it open');
  const whole = connect(at);
  whole.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  whole.close();
  rmSync(`${at}-wal`, { force: true });
  rmSync(`${at}-shm`, { force: true });
  assert.equal(countIn(at, true), 1, 'in place');
  assert.deepEqual(readdirSync(folder), ['tasks.db']);
  writeFileSync(at, 'no database at all, but long enough to be read as the head of one '.repeat(20));
  assert.throws(() => countIn(at, true), /not a database|is read-only here/);
  assert.ok(existsSync(dirname(at)));
});
