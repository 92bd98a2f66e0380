import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidArgumentError } from '#offstage/errors/index.js';
import { defineRecipe } from '#offstage/recipe/index.js';
import { BackgroundJobManager, BackgroundRunner, type RunnerOptions } from '#offstage/runner/index.js';
import { gate, Meter, never, untilAborted } from './helpers.ts';
import { virtual } from './virtual.ts';

test('maxConcurrentTasks is 5 by default, and each of its names is read', async () => {
  for (const [options, limit] of [
    [{}, 5],
    [{ maxConcurrentTasks: 2 }, 2],
    [{ maxConcurrent: 3 }, 3],
    [{ maxConcurrentTasks: 3, maxConcurrent: 3 }, 3],
    [{ maxConcurrentTasks: Number.POSITIVE_INFINITY }, 12],
  ] as const) {
    const { runner, clock } = virtual(options);
    const meter = new Meter();
    const open = gate();
    const handles = Array.from({ length: 12 }, () => runner.submit(() => meter.during(() => open.promise)));
    await clock.settle();
    assert.equal(meter.now, limit, JSON.stringify(options));
    assert.equal(runner.runningTasks.length, limit);
    assert.equal(runner.pendingTasks.length, 12 - limit);
    open.open();
    await Promise.all(handles.map((handle) => handle.wait()));
    assert.equal(meter.peak, limit);
  }
});

test('defaultTimeout is 300 s by default, is read, and a task says otherwise', async () => {
  for (const [options, own, seconds] of [
    [{}, undefined, 300],
    [{ defaultTimeout: 2 }, undefined, 2],
    [{ defaultTimeout: '3s' }, undefined, 3],
    [{ defaultTimeout: 2 }, 7, 7],
  ] as const) {
    const { runner, clock } = virtual(options);
    const task = runner.submit(untilAborted, own === undefined ? {} : { timeout: own });
    await clock.advance(seconds * 1000 - 1);
    assert.equal(await task.status(), 'running');
    await clock.advance(1);
    assert.equal(await task.status(), 'failed');
    await assert.rejects(task.wait(), { code: 'timeout' });
    assert.equal((await task.snapshot()).timeoutSec, seconds);
  }
});

test('0, null and Infinity as a timeout mean none, for the runner and for a task', async () => {
  for (const none of [0, null, Number.POSITIVE_INFINITY]) {
    const all = virtual({ defaultTimeout: none });
    const one = virtual({ defaultTimeout: 1 });
    const tasks = [all.runner.submit(never), one.runner.submit(never, { timeout: none })];
    await all.clock.advance(1e12);
    await one.clock.advance(1e12);
    for (const task of tasks) {
      assert.equal(await task.status(), 'running');
      assert.equal((await task.snapshot()).timeoutSec, null);
    }
  }
});

test('maxQueued refuses what would wait, and 0 whatever would have to', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 2, maxQueued: 0 });
  const open = gate();
  const first = runner.submit(() => open.promise);
  runner.submit(() => open.promise);
  assert.throws(() => runner.submit(() => 1), {
    name: 'QueueFullError',
    code: 'queue_full',
    message: /max concurrent tasks reached \(2\)/,
  });
  await clock.settle();
  assert.throws(() => runner.submit(() => 1), { code: 'queue_full' });
  open.open();
  await first.wait();
  assert.equal(await runner.submit(() => 1).wait(), 1, 'there is room again');
  const some = virtual({ maxConcurrentTasks: 1, maxQueued: 2 });
  for (let count = 0; count < 3; count++) some.runner.submit(never);
  assert.throws(() => some.runner.submit(() => 1), { code: 'queue_full' });
  assert.equal(some.runner.summary().total, 3, 'what was refused is nothing');
});

test('autoCleanup, cleanupDelay and its other name, and maxRetained are read', async () => {
  for (const options of [{ cleanupDelay: 10 }, { cleanupDelaySec: '10s' }]) {
    const { runner, clock } = virtual(options);
    const { id } = runner.submit(() => 1);
    await clock.advance(9_999);
    assert.equal(runner.get(id)?.status, 'completed');
    await clock.advance(1);
    assert.equal(runner.get(id), undefined);
  }
  const hour = virtual();
  const { id } = hour.runner.submit(() => 1);
  await hour.clock.advance(3_599_000);
  assert.equal(hour.runner.get(id)?.status, 'completed');
  await hour.clock.advance(1_000);
  assert.equal(hour.runner.get(id), undefined);
  const kept = virtual({ autoCleanup: false, cleanupDelay: 1, maxRetained: 1 });
  for (let count = 0; count < 10; count++) kept.runner.submit(() => count);
  await kept.clock.advance(10_000);
  assert.equal(kept.runner.tasks.length, 10);
  for (const [maxRetained, left] of [
    [3, 3],
    [0, 0],
    [undefined, 500],
  ] as const) {
    const { runner, clock } = virtual(maxRetained === undefined ? {} : { maxRetained });
    for (let count = 0; count < 600; count++) runner.submit(() => count);
    await clock.settle();
    assert.equal(runner.tasks.length, left);
    const last = runner.tasks.map(({ result }) => result);
    assert.deepEqual(
      last,
      Array.from({ length: left }, (_, at) => 600 - left + at),
      'the newest are kept',
    );
    assert.deepEqual(runner.summary().completed, 600, 'dropped ones count on');
  }
});

test('a task says when it is dropped: not while it lives or its work stops, nor when all are kept', async () => {
  const { runner, clock } = virtual({ cleanupDelay: 10, killGrace: 5 });
  const done = runner.submit(() => 1);
  const deaf = runner.submit(never);
  await clock.advance(1_000);
  const at = async (task: typeof done) => (await task.snapshot()).dropAt;
  const { stoppedAt } = await done.snapshot();
  assert.deepEqual(await at(done), new Date((stoppedAt as Date).getTime() + 10_000));
  assert.equal(await at(deaf), null);
  await deaf.cancel();
  assert.equal(await at(deaf), null, 'it still stops');
  await clock.advance(5_000);
  assert.notEqual(await at(deaf), null);
  for (const options of [{ autoCleanup: false }, { cleanupDelay: Number.POSITIVE_INFINITY }]) {
    const kept = virtual(options);
    const task = kept.runner.submit(() => 1);
    await kept.clock.advance(1_000);
    assert.equal((await task.snapshot()).dropAt, null);
  }
});

test('live tasks are never dropped', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 2, maxRetained: 1, cleanupDelay: 1 });
  const live = runner.submit(never, { timeout: 0 });
  const waiting = runner.submit(() => 1, { delay: 1000, priority: -1 });
  for (let count = 0; count < 50; count++) runner.submit(() => count);
  await clock.advance(100_000);
  assert.equal(runner.get(live.id)?.status, 'running');
  assert.equal(runner.get(waiting.id)?.status, 'pending');
  assert.equal(runner.tasks.length, 2);
});

test('killGrace is 5 s by default and is read', async () => {
  for (const [options, ms] of [
    [{}, 5_000],
    [{ killGrace: 1 }, 1_000],
    [{ killGrace: '250ms' }, 250],
  ] as const) {
    const { runner, clock } = virtual(options);
    const task = runner.submit(never);
    await clock.settle();
    await task.cancel();
    await clock.advance(ms - 1);
    assert.equal(runner.summary().abandoned, 0);
    await clock.advance(1);
    assert.equal(runner.summary().abandoned, 1);
  }
});

test('an endless killGrace, cleanupDelay, drain and ttl are never over', async () => {
  const endless = Number.POSITIVE_INFINITY;
  const { runner, clock } = virtual({ killGrace: endless, cleanupDelay: endless });
  const task = runner.submit(never, { ttl: endless });
  const open = gate<number>();
  const done = runner.submit(() => 1);
  const drained = runner.submit(() => open.promise, { timeout: 0 });
  await clock.settle();
  await task.cancel();
  await clock.advance(1e12);
  assert.equal(runner.summary().abandoned, 0);
  assert.equal(runner.get(done.id)?.status, 'completed');
  let stopped = false;
  const { runner: other, clock: otherClock } = virtual();
  const last = other.submit(() => open.promise, { timeout: 0 });
  await otherClock.settle();
  void other.stop({ drain: endless }).then(() => (stopped = true));
  await otherClock.advance(1e12);
  assert.equal(stopped, false);
  open.open(3);
  await otherClock.settle();
  assert.equal(stopped, true);
  assert.deepEqual([await last.wait(), await drained.wait()], [3, 3]);
});

test('yieldMs is read, 5000 by default, and a call says otherwise', async () => {
  for (const [options, own, ms] of [
    [{}, {}, 5_000],
    [{ yieldMs: 10 }, {}, 10],
    [{ yieldMs: 10 }, { yieldMs: 30 }, 30],
  ] as const) {
    const { runner, clock } = virtual(options);
    let answer: unknown;
    void runner.runOrBackground(() => never(), own).then((got) => (answer = got.done));
    await clock.advance(ms - 1);
    assert.equal(answer, undefined);
    await clock.advance(1);
    assert.equal(answer, false);
  }
});

test('onComplete of the runner is called once for every task, however it ended', async () => {
  const ended: string[] = [];
  const { runner, clock } = virtual({
    maxConcurrentTasks: 3,
    onComplete: ({ name, status }) => void ended.push(`${name} ${status}`),
  });
  runner.submit(() => 1, { name: 'done' });
  runner.submit(untilAborted, { name: 'late', timeout: 1 });
  const stopped = runner.submit(untilAborted, { name: 'stopped' });
  const queued = runner.submit(() => 1, { name: 'queued', delay: 100 });
  runner.submit(() => Promise.reject(new Error('no')), { name: 'failed' });
  await clock.settle();
  await stopped.cancel();
  await queued.cancel();
  await clock.advance(2_000);
  assert.deepEqual(ended.sort(), [
    'done completed',
    'failed failed',
    'late failed',
    'queued cancelled',
    'stopped cancelled',
  ]);
});

const REFUSED: [RunnerOptions, RegExp][] = [
  [{ maxConcurrentTasks: 0 }, /maxConcurrentTasks: got 0, expected a whole number from 1/],
  [{ maxConcurrent: -1 }, /got -1/],
  [{ maxConcurrentTasks: 1.5 }, /got 1\.5/],
  [{ maxConcurrentTasks: Number.NaN }, /got NaN/],
  [{ maxConcurrentTasks: '5' as never }, /got "5"/],
  [{ maxConcurrentTasks: null as never }, /maxConcurrentTasks: got null/],
  [
    { maxConcurrentTasks: 2, maxConcurrent: 3 },
    /maxConcurrentTasks and maxConcurrent are the same option: got 2 and 3/,
  ],
  [{ maxQueued: -1 }, /maxQueued: got -1, expected a whole number from 0/],
  [{ maxQueued: null as never }, /maxQueued: got null/],
  [{ maxQueued: 0.5 }, /maxQueued: got 0\.5/],
  [{ maxRetained: -5 }, /maxRetained: got -5/],
  [{ maxRetained: null as never }, /maxRetained: got null/],
  [{ autoCleanup: 1 as never }, /autoCleanup: got 1, expected true or false/],
  [{ defaultTimeout: -1 }, /defaultTimeout: got -1/],
  [{ defaultTimeout: Number.NaN }, /defaultTimeout: got NaN/],
  [{ defaultTimeout: 'soon' }, /defaultTimeout: got "soon"/],
  [{ defaultTimeout: {} as never }, /defaultTimeout/],
  [{ killGrace: -1 }, /killGrace: got -1/],
  [{ killGrace: '5 parsecs' }, /killGrace: got "5 parsecs"/],
  [{ killGrace: null as never }, /killGrace/],
  [{ cleanupDelay: Number.NaN }, /cleanupDelay: got NaN/],
  [{ cleanupDelay: 1, cleanupDelaySec: 2 }, /cleanupDelay and cleanupDelaySec are the same option/],
  [{ yieldMs: -1 }, /yieldMs: got -1/],
  [{ yieldMs: '5s' as never }, /yieldMs: got "5s"/],
  [{ onComplete: 'log' as never }, /onComplete: got "log", expected a function/],
  [{ concurrency: 5 } as never, /unknown option 'concurrency'; known are maxConcurrentTasks/],
  [null as never, /options: got null, expected an object/],
  [5 as never, /options: got 5, expected an object/],
];

for (const [options, message] of REFUSED) {
  test(`new BackgroundRunner(${JSON.stringify(options)}) is refused: ${message.source}`, () => {
    assert.throws(
      () => new BackgroundRunner(options),
      (error) => {
        assert.ok(error instanceof InvalidArgumentError);
        assert.equal(error.code, 'invalid_argument');
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test('an unknown option without a value is as good as none', () => {
  assert.equal(new BackgroundRunner({ other: undefined } as never).concurrency, 5);
});

test('an undefined option is one that is left out, wherever there is a default', async () => {
  await using runner = new BackgroundRunner({
    maxConcurrent: undefined,
    defaultTimeout: undefined,
    context: undefined,
  });
  const none = { name: undefined, timeout: undefined, timeoutSec: undefined, priority: undefined, retries: undefined };
  const recipe = defineRecipe({ name: 'named', description: undefined, run: () => 1 });
  const handles = [
    runner.submit(() => 1, { ...none, backoff: { initial: undefined } }),
    runner.submit(recipe, { ...none, input: undefined }),
    runner.submitAgent(
      Object.assign(() => 1),
      'hi',
      none,
    ),
    runner.submitAgent({ run: () => 1 }, 'hi', none),
  ];
  assert.deepEqual(
    handles.map(({ name }) => name),
    ['task', 'named', 'agent', 'agent'],
  );
  const tasks = await Promise.all(handles.map((handle) => handle.snapshot()));
  for (const task of tasks) assert.deepEqual([task.timeoutSec, task.priority, task.maxAttempts], [300, 0, 1]);
  for (const handle of handles) assert.equal(await handle.wait({ timeout: undefined, signal: undefined }), 1);
  const manager = new BackgroundJobManager({ autoBackgroundThreshold: 0, runner });
  const { done } = await manager.runOrBackground(() => new Promise(setImmediate), { yieldMs: undefined });
  assert.equal(done, false);
});
