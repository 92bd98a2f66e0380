import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { type Client, makeClient, openVerbs } from '#offstage/client/index.js';
import { StoreError } from '#offstage/errors/index.js';
import { openStore, type Store } from '#offstage/store/index.js';
import type { Task } from '#offstage/wire/task.js';
import { until } from '../../../waiting.js';
import { deferred } from '../../worker/deferred.js';
import { Driver, keepAlive } from '../drive.js';
import { Project } from '../project.js';

async function setUp(t: TestContext) {
  keepAlive(t);
  const project = new Project(t);
  const driver = await Driver.open(t, project);
  return { project, driver, client: makeClient(await project.verbs(t, 'none')) };
}

/** Submits, and gives the promise of what onComplete is called with beside how often it was. */
async function watched(client: Client, more: object = {}) {
  const calls: Task[] = [];
  const told = deferred<Task>('onComplete');
  const onComplete = (task: Task): void => {
    calls.push(task);
    told.resolve(task);
  };
  const handle = await client.submit({ recipe: 'echo', onComplete, ...more });
  return {
    handle,
    calls,
    get first() {
      return told.promise;
    },
  };
}

test('onComplete is called once on every outcome, with the task', async (t) => {
  const { driver, client } = await setUp(t);
  const done = await watched(client);
  await driver.succeed(await driver.start(), '{"snake_case":0}');
  assert.deepEqual((await done.first).result, { snake_case: 0 });

  const failed = await watched(client);
  const error = { code: 'failed', name: 'Error', message: 'no', retryable: false };
  await driver.say(await driver.start(), { command: 'fail', error });
  assert.deepEqual([(await failed.first).status, (await failed.first).error?.message], ['failed', 'no']);

  const cancelled = await watched(client);
  await cancelled.handle.cancel();
  assert.equal((await cancelled.first).status, 'cancelled');

  const expired = await watched(client, { ttl: '20ms' });
  assert.equal((await expired.first).error?.code, 'expired', 'due is decided while somebody is to be told');

  const last = await watched(client);
  await last.handle.cancel();
  await last.first;
  for (const { calls } of [done, failed, cancelled, expired, last]) assert.equal(calls.length, 1);
});

test('being told counts as having read the outcome', async (t) => {
  const { driver, client } = await setUp(t);
  const told = await watched(client);
  const quiet = await client.submit({ recipe: 'echo' });
  await driver.succeed(await driver.start());
  await driver.succeed(await driver.start());
  await told.first;
  const seen = async (id: string) => (await driver.store.run('get', { id, payloads: [] }))?.seen;
  assert.deepEqual([await seen(told.handle.id), await seen(quiet.id)], [true, false]);
});

test('onProgress is called with what was told, in order, and before onComplete', async (t) => {
  const { driver, client } = await setUp(t);
  const calls: unknown[] = [];
  const onProgress = (...args: unknown[]): void => void calls.push(args);
  const { first } = await watched(client, { onProgress });
  const run = await driver.start();
  await driver.progress(run, 0.25);
  await driver.progress(run, 0.5, 'half');
  await driver.say(run, { command: 'log', line: 'not a progress' });
  await driver.succeed(run);
  void first.then(() => calls.push('completed'));
  await first;
  assert.deepEqual(calls, [[0.25, undefined, undefined], [0.5, 'half', undefined], 'completed']);
});

test('a callback that throws or rejects is a warning, and the next one is called all the same', async (t) => {
  const { driver, client } = await setUp(t);
  const warnings: string[] = [];
  const onWarning = ({ message }: Error): void => void warnings.push(message);
  process.on('warning', onWarning);
  t.after(() => process.removeListener('warning', onWarning));
  const bad = async (onComplete: () => unknown) => {
    await client.submit({ recipe: 'echo', onComplete: onComplete as () => void });
    await driver.succeed(await driver.start());
  };
  await bad(() => {
    throw new Error('mine');
  });
  await bad(() => Promise.reject(new Error('later')));
  const good = await watched(client);
  await driver.succeed(await driver.start());
  await good.first;
  await until(() => warnings.length === 2);
  assert.deepEqual(
    warnings.map((text) => text.replace(/task_[0-9a-f]+/, 'ID')),
    ['onComplete of task ID threw: mine', 'onComplete of task ID threw: later'],
  );
});

test('the signal cancels the task with its reason, wherever that is; once it ended nothing listens', async (t) => {
  const { driver, client } = await setUp(t);
  const controller = new AbortController();
  const running = await watched(client, { signal: controller.signal });
  const run = await driver.start();
  const pending = await watched(client, { signal: controller.signal });
  const ended = await watched(client, { signal: controller.signal });
  await ended.handle.cancel('before');
  await ended.first;
  controller.abort(new Error('user left'));
  assert.equal((await running.first).status, 'cancelled');
  assert.equal((await pending.first).status, 'cancelled');
  const poll = await driver.store.run('poll', { worker: driver.id, running: [run] });
  assert.deepEqual(
    poll.ended.map(({ id, reason }) => [id, reason]),
    [[running.handle.id, 'user left']],
  );
});

test('of a task that was there before every submit is told, also when it has ended; its signal cancels nothing', async (t) => {
  const { driver, client } = await setUp(t);
  const first = await watched(client, { idempotencyKey: 'k' });
  const leaves = new AbortController();
  const second = await watched(client, { idempotencyKey: 'k', signal: leaves.signal });
  leaves.abort();
  await driver.succeed(await driver.start());
  assert.deepEqual([(await first.first).status, (await second.first).status], ['completed', 'completed']);
  const third = await watched(client, { idempotencyKey: 'k' });
  assert.equal((await third.first).taskId, first.handle.id);
  assert.deepEqual([first.calls.length, second.calls.length, third.calls.length], [1, 1, 1]);
});

test('callbacks of many tasks: each is called for its own', async (t) => {
  const { driver, client } = await setUp(t);
  const all = await Promise.all(Array.from({ length: 40 }, () => watched(client)));
  for (let n = 0; n < all.length; n++) {
    const run = await driver.start();
    await driver.succeed(run, JSON.stringify(run.id));
  }
  for (const { handle, first } of all) assert.equal((await first).result, handle.id);
});

test('a callback that never comes to an end, and a look that does not either, hold up no other one', async (t) => {
  keepAlive(t);
  const project = new Project(t);
  const driver = await Driver.open(t, project);
  const stuck = new Set<string>();
  const verbs = await openVerbs({
    cwd: project.folder,
    home: project.folder,
    env: project.env,
    worker: 'none',
    async openStore(path) {
      const store = await openStore(path, { mount: 'direct' });
      const run: Store['run'] = (op, args) =>
        op === 'get' && stuck.has((args as { id: string }).id) ? new Promise(() => {}) : store.run(op, args);
      return { ...store, run };
    },
  });
  t.after(() => verbs.close());
  const client = makeClient(verbs);
  let begun = 0;
  const endless = (): Promise<void> => {
    begun += 1;
    return new Promise(() => {});
  };
  await client.submit({ recipe: 'echo', onComplete: endless });
  const unseen = await watched(client);
  stuck.add(unseen.handle.id);
  const last = await watched(client);
  for (let n = 0; n < 3; n++) await driver.succeed(await driver.start());
  assert.equal((await last.first).taskId, last.handle.id);
  assert.deepEqual([begun, unseen.calls.length], [1, 0]);
});

test('callbacks keep no process alive', async (t) => {
  const project = new Project(t);
  const script = project.file('leaves.mjs');
  writeFileSync(
    script,
    `import { openBackground } from ${JSON.stringify(import.meta.resolve('#offstage'))};
     const client = await openBackground(undefined, { worker: 'none' });
     const signal = new AbortController().signal;
     await client.submit({ recipe: 'echo', signal, onComplete: () => console.log('never'), onProgress: () => {} });
     console.log('submitted');`,
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
    cwd: project.folder,
    env: project.env,
    encoding: 'utf8',
    timeout: 30_000,
  });
  assert.deepEqual([status, stdout, stderr], [0, 'submitted\n', '']);
});

test('an outcome that the store could not tell for a while is told later, once', async (t) => {
  keepAlive(t);
  const project = new Project(t);
  const driver = await Driver.open(t, project);
  const refuse = ['see', 'see'];
  const verbs = await openVerbs({
    cwd: project.folder,
    home: project.folder,
    env: project.env,
    worker: 'none',
    async openStore(path) {
      const store = await openStore(path, { mount: 'direct' });
      const run: Store['run'] = (op, args) => {
        if (op !== refuse[0]) return store.run(op, args);
        refuse.shift();
        return Promise.reject(new StoreError('the disk is full', { details: { reason: 'full' } }));
      };
      return { ...store, run };
    },
  });
  t.after(() => verbs.close());
  const { first, calls } = await watched(makeClient(verbs));
  await driver.succeed(await driver.start(), '7');
  assert.equal((await first).result, 7);
  assert.deepEqual([calls.length, refuse.length], [1, 0]);
});

test('who has only callbacks gets another worker when the one that ran the task is killed', async (t) => {
  keepAlive(t);
  const project = new Project(t);
  const client = makeClient(await project.verbs(t));
  const until = project.file('go');
  const { handle, first } = await watched(client, { recipe: 'waits', input: { until }, onLost: 'retry' });
  for await (const { kind } of handle.events({ follow: true })) if (kind === 'progress') break;
  const { worker } = await handle.snapshot();
  process.kill(worker?.pid as number, 'SIGKILL');
  writeFileSync(until, '');
  const task = await first;
  assert.deepEqual([task.status, task.result, task.attempt], ['completed', 'seen', 2]);
});
