import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openStore, type Turned } from '#offstage/store/index.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import { heard, within } from '../../waiting.js';
import { newTask, submitOne, tempStore } from './helpers.js';

for (const mount of ['direct', 'thread'] as const) {
  test(`one bad write of a batch fails alone (${mount})`, async (t) => {
    const store = await tempStore(t, mount);
    const submit = (name: string) =>
      store.run('submit', {
        tasks: [newTask({ name })],
        start: null,
      });
    const answers = await Promise.allSettled([submit('a'), submit('x'.repeat(201)), submit('b')]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.equal((answers[1] as PromiseRejectedResult).reason.code, 'invalid_argument');
    assert.equal((await store.run('counts', {})).pending, 2);
  });

  test(`one that fails after it has written something is undone, and nothing else of its batch (${mount})`, async (t) => {
    const store = await tempStore(t, mount);
    const submit = (...names: string[]) =>
      store.run('submit', { tasks: names.map((name) => newTask({ name })), start: null });
    const answers = await Promise.allSettled([
      submit('a'),
      submit('b', 'x'.repeat(201)),
      submit('c'),
      submit('d', 'y'.repeat(300)),
    ]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled', 'rejected'],
    );
    const stored = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value.tasks : []));
    const found = await store.run('getAll', { ids: stored.map(({ id }) => id), payloads: [] });
    assert.deepEqual(
      found.map((task) => task && JSON.parse(task.record).name),
      ['a', 'c'],
    );
    assert.equal((await store.run('counts', {})).pending, 2);
  });

  test(`a write waits while another process holds the lock, then succeeds (${mount})`, async (t) => {
    const store = await tempStore(t, mount);
    await submitOne(store);
    const other = connect(store.path);
    other.exec('BEGIN IMMEDIATE');
    let done = false;
    const waiting = submitOne(store).then(() => {
      done = true;
    });
    for (let turn = 0; turn < 5; turn++) await store.run('counts', {}); // reads go on meanwhile
    assert.equal(done, false);
    other.exec('COMMIT');
    other.close();
    await waiting;
    assert.equal((await store.run('counts', {})).pending, 2);
  });

  test(`each turn of a worker is a commit of its own, and a close waits for all of them (${mount})`, async (t) => {
    const store = await openStore((await tempStore(t, mount)).path, { mount });
    const commits: unknown[] = [];
    store.watch((commit) => commit !== undefined && commits.push(commit));
    const turn = (worker: string) => {
      const submits = [{ tasks: [newTask({ name: 'a' })], start: null }];
      return store.run('turn', { worker, changes: [], submits, running: [], room: 0 });
    };
    const all = Promise.all([turn('w'), turn('w'), turn('w')]);
    await store.run('counts', {}); // they are on their way
    await store.close();
    assert.deepEqual(
      ((await all) as Turned[]).map(({ submitted }) => submitted.every((one) => 'answer' in one)),
      [true, true, true],
    );
    assert.equal(commits.length, 3);
  });

  test(`a commit of another connection wakes a watcher (${mount})`, async (t) => {
    const store = await tempStore(t, mount);
    const other = await openStore(store.path, { mount: 'direct' });
    t.after(() => other.close());
    let unwatch = () => {};
    const woken = new Promise<void>((resolve) => {
      unwatch = store.watch(() => resolve());
    });
    await store.run('counts', {});
    await submitOne(other);
    await within(woken, { what: 'the watcher to be called' });
    unwatch();
  });
}

test('a closed thread store says so, and its thread is gone', async (t) => {
  const store = await tempStore(t, 'thread');
  await store.close();
  await assert.rejects(store.run('counts', {}), { code: 'store' });
});

test('an idle store keeps no process alive', async (t) => {
  const { spawn } = await import('node:child_process');
  const store = await tempStore(t);
  const index = import.meta.resolve('#offstage/store/index.js');
  const code = `import { openStore } from ${JSON.stringify(index)};
    const store = await openStore(${JSON.stringify(store.path)}, { mount: 'thread' });
    await store.run('counts', {}); store.watch(() => {}); console.log('idle');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [exit] = await heard(child, 'exit');
  assert.equal(exit, 0);
});
