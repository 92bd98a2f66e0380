import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { makeClient } from '#offstage/client/index.js';
import { Driver } from '../drive.js';
import { Project } from '../project.js';

const UNKNOWN = `task_${'0'.repeat(32)}`;

test('retry submits an ended task once more, with everything it was given; a live one is a conflict', async (t) => {
  const project = new Project(t);
  const client = makeClient(await project.verbs(t, 'none'));
  await assert.rejects(client.retry(UNKNOWN), { code: 'task_not_found' });
  assert.equal(existsSync(project.store), false, 'a refusal makes no store');
  const given = { recipe: 'echo', input: { value: 1 }, config: { a: 1 }, metadata: { m: 1 }, name: 'n', priority: 3 };
  const first = await client.submit({ ...given, sessionId: 's', timeout: 7, retries: 2, idempotencyKey: 'k' });
  await assert.rejects(client.retry(first.id), { code: 'conflict', message: /only a task that has ended/ });
  await first.cancel();
  const second = await client.retry(first.id);
  const [a, b] = [await first.snapshot(), await second.snapshot()];
  assert.deepEqual([b.retriedFrom, a.retriedFrom, b.status, a.status], [first.id, null, 'pending', 'cancelled']);
  for (const key of ['recipe', 'name', 'input', 'config', 'metadata', 'priority', 'sessionId', 'timeoutSec'] as const) {
    assert.deepEqual(b[key], a[key], key);
  }
  assert.deepEqual([b.maxAttempts, b.idempotencyKey], [3, 'k']);
  assert.equal((await client.submit({ ...given, idempotencyKey: 'k' })).id, second.id, 'it took the key over');
});

test('recover takes a running attempt away only by force, and says what it did', async (t) => {
  const project = new Project(t);
  const client = makeClient(await project.verbs(t, 'none'));
  await assert.rejects(client.recover(UNKNOWN), { code: 'task_not_found' });
  assert.deepEqual(await client.recover({ all: true }), []);
  assert.equal(existsSync(project.store), false);
  const driver = await Driver.open(t, project);
  const task = await client.submit({ recipe: 'echo' });
  const said = async (options?: object) => (await client.recover(task.id, options))[0];
  assert.deepEqual(await said(), { taskId: task.id, result: 'skipped_not_recoverable', status: 'pending' });
  const run = await driver.start();
  assert.deepEqual(await said(), { taskId: task.id, result: 'skipped_not_recoverable', status: 'running' });
  assert.deepEqual(await client.recover({ all: true }), [], 'nothing is overdue');
  assert.deepEqual(await said({ force: true, dryRun: true }), {
    taskId: task.id,
    result: 'would_apply',
    status: 'running',
  });
  assert.equal(await task.status(), 'running');
  assert.deepEqual(await said({ force: true, retry: true }), { taskId: task.id, result: 'applied', status: 'pending' });
  const { taskStatus } = await task.snapshot();
  assert.equal(taskStatus.recovered, true);
  await driver.succeed(run).catch(() => {});
  assert.notEqual(await task.status(), 'completed', 'what the old attempt says comes too late');
});

test('by default a recovered task is lost, and a task that has ended is not recoverable', async (t) => {
  const project = new Project(t);
  const client = makeClient(await project.verbs(t, 'none'));
  const driver = await Driver.open(t, project);
  const task = await client.submit({ recipe: 'echo' });
  await driver.start();
  assert.deepEqual(await client.recover({ all: true }, { force: true }), [
    { taskId: task.id, result: 'applied', status: 'failed' },
  ]);
  const { error, taskStatus } = await task.snapshot();
  assert.deepEqual(
    [error?.message, error?.details],
    ['the attempt was taken away by recover', { reason: 'recovered' }],
  );
  assert.deepEqual([error?.code, taskStatus.display, taskStatus.nextAction], ['lost', 'lost (recovered)', 'retry']);
  assert.deepEqual(await client.recover(task.id, { force: true }), [
    { taskId: task.id, result: 'skipped_not_recoverable', status: 'failed' },
  ]);
});

test('what is no option, or no task, is refused and not passed over', async (t) => {
  const project = new Project(t);
  const client = makeClient(await project.verbs(t, 'none'));
  const task = await client.submit({ recipe: 'echo' });
  const as = <T>(value: unknown) => value as T;
  const refused = { code: 'invalid_argument' };
  await assert.rejects(client.recover(as(undefined)), { ...refused, message: /^id: got undefined, expected/ });
  await assert.rejects(client.recover(as({ all: false })), refused);
  await assert.rejects(client.recover(task.id, as({ dry: true })), { ...refused, message: /unknown option 'dry'/ });
  await assert.rejects(client.clear(as({ id: task.id })), { ...refused, message: /unknown option 'id'/ });
  await assert.rejects(client.clear(as({ status: 'failed' })), { ...refused, message: /^status: got "failed"/ });
  await assert.rejects(client.list(as({ state: 'failed' })), { ...refused, message: /unknown option 'state'/ });
  await assert.rejects(client.list(as({ status: 'failed' })), { ...refused, message: /^status: got "failed"/ });
  await assert.rejects(task.wait(as({ timeoutSec: 1 })), { ...refused, message: /unknown option 'timeoutSec'/ });
  await assert.rejects(task.cancel(as(7)), { ...refused, message: /^reason: got 7, expected a text/ });
  await assert.rejects(task.cancel('why', as({ wait: true })), { ...refused, message: /unknown option 'wait'/ });
  assert.equal(await task.status(), 'pending');
});
