import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackgroundJobManager, BackgroundRunner, TaskCancelledError, TaskFailedError } from '#offstage';
import { gate, never, untilAborted } from './helpers.js';
import { virtual } from './virtual.js';

test('a job is asked for by its id, and every answer is there at once', async () => {
  const manager = new BackgroundJobManager();
  const { promise, open } = gate<{ sum: number }>();
  const id = manager.startJob(() => promise, { name: 'sum' });
  assert.match(id, /^task_[0-9a-f]{32}$/);
  assert.equal(manager.getStatus(id), 'pending');
  assert.deepEqual([manager.getResult(id), manager.getError(id)], [undefined, undefined]);
  await manager.runner.onRoom(1);
  assert.equal(manager.getStatus(id), 'running');
  const result = { sum: 3 };
  open(result);
  await manager.runner.waitAll();
  assert.equal(manager.getStatus(id), 'completed');
  assert.equal(manager.getResult(id), result, 'by reference');
  assert.equal(manager.getError(id), undefined);
});

test('falsy results survive', async () => {
  const manager = new BackgroundJobManager();
  const values = [0, '', false, null, undefined, Number.NaN];
  const ids = values.map((value) => manager.startJob(() => value));
  await manager.runner.waitAll();
  assert.deepEqual(
    ids.map((id) => manager.getResult(id)),
    values,
  );
  assert.deepEqual(
    ids.map((id) => manager.getStatus(id)),
    values.map(() => 'completed'),
  );
});

test('a failed job has the error that waiting for it rejects with', async () => {
  const manager = new BackgroundJobManager();
  const thrown = new RangeError('too much');
  const id = manager.startJob(() => Promise.reject(thrown));
  await manager.runner.waitAll();
  assert.equal(manager.getStatus(id), 'failed');
  assert.equal(manager.getResult(id), undefined);
  const error = manager.getError(id);
  assert.ok(error instanceof TaskFailedError);
  assert.deepEqual([error.code, error.message, error.taskId], ['failed', 'too much', id]);
  assert.equal(error.cause, thrown, 'the very object');
});

test('cancelJob cancels now, once', async () => {
  const manager = new BackgroundJobManager({ maxConcurrentTasks: 1 });
  const running = manager.startJob(untilAborted);
  const waiting = manager.startJob(() => assert.fail('it started'));
  await manager.runner.onRoom(2);
  assert.equal(manager.cancelJob(waiting), true);
  assert.equal(manager.cancelJob(running, 'not needed'), true);
  assert.equal(manager.cancelJob(running), false);
  for (const id of [running, waiting]) {
    assert.equal(manager.getStatus(id), 'cancelled');
    assert.ok(manager.getError(id) instanceof TaskCancelledError);
  }
  assert.match(manager.getError(running)?.message ?? '', /was cancelled: not needed$/);
  assert.throws(() => manager.cancelJob(running, 7 as never), {
    name: 'InvalidArgumentError',
    message: /^reason: got 7/,
  });
  await manager.runner.waitAll();
});

test('listJobs is a map of what is now, in the order of creation', async () => {
  const manager = new BackgroundJobManager();
  const ids = ['a', 'b'].map((name) => manager.startJob(() => name, { name }));
  const before = manager.listJobs();
  assert.ok(before instanceof Map);
  assert.deepEqual([...before.keys()], ids);
  await manager.runner.waitAll();
  assert.deepEqual(
    [...before.values()].map(({ status }) => status),
    ['pending', 'pending'],
  );
  const told = [...manager.listJobs()].map(([id, { taskId, name, status, result }]) => [
    id === taskId,
    name,
    status,
    result,
  ]);
  assert.deepEqual(told, [
    [true, 'a', 'completed', 'a'],
    [true, 'b', 'completed', 'b'],
  ]);
});

test('arguments and options are those of submit', async () => {
  const manager = new BackgroundJobManager();
  const id = manager.startJob((a: number, b: number) => a + b, { args: [1, 2], name: 'add' });
  await manager.runner.waitAll();
  assert.deepEqual([manager.getResult(id), manager.listJobs().get(id)?.name], [3, 'add']);
  assert.throws(() => manager.startJob('x' as never), { name: 'InvalidArgumentError', message: /^fn: got "x"/ });
});

test('an id that there is not, or not any more, is refused by every method', async () => {
  const { runner, clock } = virtual({ cleanupDelay: 10 });
  const manager = new BackgroundJobManager({ runner });
  const id = manager.startJob(() => 1);
  await clock.settle();
  await clock.advance(9_000);
  assert.equal(manager.getResult(id), 1);
  await clock.advance(2_000);
  for (const gone of [id, 'task_0', '']) {
    for (const ask of ['getStatus', 'getResult', 'getError', 'cancelJob'] as const) {
      assert.throws(() => manager[ask](gone), { name: 'TaskNotFoundError', code: 'task_not_found', taskId: gone });
    }
  }
  assert.equal(manager.listJobs().size, 0);
});

test('autoBackgroundThreshold is how long a result is waited for before the job goes on in the background', async () => {
  const { runner, clock } = virtual();
  const manager = new BackgroundJobManager({ runner, autoBackgroundThreshold: 2 });
  assert.deepEqual(await manager.runOrBackground(() => 'quick'), { done: true, result: 'quick' });
  const { promise, open } = gate<string>();
  const slow = manager.runOrBackground(() => promise);
  let seen: unknown;
  void slow.then((value) => {
    seen = value;
  });
  await clock.advance(1_999);
  assert.equal(seen, undefined);
  await clock.advance(1);
  const outcome = await slow;
  if (outcome.done) assert.fail('it waited too long');
  assert.equal(manager.getStatus(outcome.task.id), 'running');
  open('slow');
  await clock.settle();
  assert.equal(manager.getResult(outcome.task.id), 'slow');
  const impatient = await manager.runOrBackground(never, { yieldMs: 0 });
  assert.equal(impatient.done, false);
});

test('the threshold is 5 seconds by default, and a text such as "90s" will do', async () => {
  for (const [options, ms] of [
    [{}, 5_000],
    [{ autoBackgroundThreshold: '90s' }, 90_000],
  ] as const) {
    const { runner, clock } = virtual();
    let done = false;
    const manager = new BackgroundJobManager({ runner, ...options });
    void manager.runOrBackground(never, { timeout: 0 }).then(() => {
      done = true;
    });
    await clock.advance(ms - 1);
    assert.equal(done, false);
    await clock.advance(1);
    assert.equal(done, true);
  }
});

test('a manager makes its own runner of the other options, or is given one', async () => {
  const own = new BackgroundJobManager({ maxConcurrentTasks: 2, defaultTimeout: 7 });
  assert.equal(own.runner.concurrency, 2);
  const id = own.startJob(() => 1);
  assert.equal(own.listJobs().get(id)?.timeoutSec, 7);
  await own.runner.stop();
  assert.throws(() => own.startJob(() => 1), { code: 'conflict' });
  const runner = new BackgroundRunner();
  const manager = new BackgroundJobManager({ runner });
  assert.equal(manager.runner, runner);
  const task = runner.submit(() => 'of the runner');
  await task.wait();
  assert.equal(manager.getResult(task.id), 'of the runner');
});

test('options that cannot be used are refused', () => {
  const refused = (options: unknown, message: RegExp) =>
    assert.throws(() => new BackgroundJobManager(options as never), { name: 'InvalidArgumentError', message });
  refused(null, /^options: got null, expected an object/);
  refused({ autoBackgroundThreshold: -1 }, /^autoBackgroundThreshold: got -1/);
  refused({ autoBackgroundThreshold: 'soon' }, /^autoBackgroundThreshold: got "soon"/);
  refused({ runner: {} }, /^runner: got an object, expected a BackgroundRunner/);
  refused({ runner: new BackgroundRunner(), maxQueued: 3 }, /^maxQueued: is an option of a new runner/);
  refused({ treshold: 3 }, /^unknown option 'treshold'/);
  refused({ yieldMs: 3 }, /^yieldMs: got 3, expected autoBackgroundThreshold/);
});
