/** Whoever opens a store first, and has to make its log: whether others have it open, and that nobody is in anybody's way. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs, { rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openStore } from '#offstage/store/index.js';
import { heard, until } from '../../waiting.js';
import { tempFolder } from './helpers.js';

const STORE = import.meta.resolve('#offstage/store/index.js');
const DRIVER = import.meta.resolve('#offstage/store/sqlite/driver.js');

/** A process that runs this code with the store's path; killed with the test. */
function running(t: TestContext, path: string, code: string) {
  const whole = `import { openStore } from ${JSON.stringify(STORE)}; const path = process.argv[1]; ${code}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', whole, path]);
  t.after(() => child.kill('SIGKILL'));
  const told = { out: '', err: '' };
  child.stdout.on('data', (text) => (told.out += text));
  child.stderr.on('data', (text) => (told.err += text));
  const closed = heard(child, 'close');
  return {
    child,
    told,
    /** What it has printed, once it has ended. */
    ended: async () => {
      await closed;
      assert.equal(told.err, '');
      return told.out;
    },
  };
}

/** Submits a task to it. */
const SUBMIT = `const task = { spec: { name: 'job', recipe: 'job', timeout_ms: null }, payloads: {}, needs: [],
    maxConcurrent: null, code: null, onConflict: 'parallel', parent: null, childKey: null };
  const store = await openStore(path, { mount: 'direct' });
  const submit = () => store.run('submit', { tasks: [task], start: null });
  await submit();`;

/** A store with one task that no process has open, and without a log: Node 20 leaves an empty one behind. */
async function leftStore(t: TestContext): Promise<string> {
  const path = join(tempFolder(t), '.offstage', 'tasks.db');
  const save = `const { connect } = await import(${JSON.stringify(DRIVER)});
    connect(path).exec('PRAGMA wal_checkpoint(TRUNCATE)');`;
  await running(t, path, `${SUBMIT} ${save} await store.close();`).ended();
  for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
  return path;
}

/** The paths that are read whole while it runs. */
async function readDuring(t: TestContext, body: () => Promise<void>): Promise<string[]> {
  const paths: string[] = [];
  const { readFileSync } = fs;
  const mocked = t.mock.method(fs, 'readFileSync', (...args: Parameters<typeof readFileSync>) => {
    paths.push(String(args[0]));
    return readFileSync(...args);
  });
  syncBuiltinESMExports();
  await body();
  mocked.mock.restore();
  syncBuiltinESMExports();
  return paths;
}

async function lookAt(path: string): Promise<number> {
  const store = await openStore(path, { mount: 'direct' });
  const { pending } = await store.run('counts', {});
  await store.close();
  return pending;
}

test('a store that nobody has open is opened without the locks of the whole system', async (t) => {
  const path = await leftStore(t);
  const read = await readDuring(t, async () => assert.equal(await lookAt(path), 1));
  assert.ok(!read.includes('/proc/locks'), read.join('\n'));
});

test('one that others have open without its log is opened once they have brought it back', {
  skip: process.platform === 'linux' ? false : 'only Linux tells who holds a lock',
}, async (t) => {
  const path = await leftStore(t);
  const other = running(
    t,
    path,
    `${SUBMIT} console.log('ready'); process.stdin.once('data', async () => { await submit(); process.exit(); });`,
  );
  await until(() => other.told.out.includes('ready'), { what: 'another process to submit' });
  for (const suffix of ['-wal', '-shm']) rmSync(path + suffix);
  const read = await readDuring(t, async () => {
    const looked = lookAt(path);
    other.child.stdin.write('go on\n');
    assert.ok(
      (await looked) >= 2,
      'one from the file, one from the log that was removed; perhaps the one that comes after',
    );
  });
  assert.ok(read.includes('/proc/locks'), read.join('\n'));
  await other.ended();
});

/** Opens the store, reads it and closes it, again and again; prints how often each count was seen. */
const LOOKS = `const seen = {};
  for (let turn = 0; turn < 40; turn++) {
    const store = await openStore(path, { mount: 'direct' });
    const { pending } = await store.run('counts', {});
    seen[pending] = (seen[pending] ?? 0) + 1;
    await store.close();
  }
  console.log(JSON.stringify(seen));`;

test('processes that open it and close it all at once all see what is in it', async (t) => {
  const path = await leftStore(t);
  const all = await Promise.all([1, 2, 3].map(async () => JSON.parse(await running(t, path, LOOKS).ended())));
  assert.deepEqual(all, [{ 1: 40 }, { 1: 40 }, { 1: 40 }]);
});
