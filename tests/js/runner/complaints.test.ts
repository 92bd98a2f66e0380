/** What people complain of in p-queue (its issues 168, 219, 239, 241 and 8) does not occur. */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { outcome, untilAborted } from './helpers.ts';
import { virtual } from './virtual.ts';

test('168: aborting a running and a waiting task at the same time does not hang the queue', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
  const controllers = [new AbortController(), new AbortController()];
  const tasks = controllers.map(({ signal }) => runner.submit(untilAborted, { signal }));
  await clock.settle();
  for (const controller of controllers) controller.abort();
  for (const task of tasks) await assert.rejects(task.wait(), { code: 'cancelled' });
  await clock.settle();
  const { pending, running } = runner.summary();
  assert.deepEqual([pending, running], [0, 0]);
  assert.equal(await runner.submit(() => 'next').wait(), 'next');
  await runner.waitAll();
});

test('219: aborted tasks leave the queue: they neither take a turn, nor room, nor hold up the one behind them', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1, maxQueued: 10 });
  const controller = new AbortController();
  const blocker = runner.submit(untilAborted);
  await clock.settle();
  let ran = 0;
  for (let count = 0; count < 10; count++) runner.submit(() => (ran += 1), { signal: controller.signal });
  assert.throws(() => runner.submit(() => 1), { code: 'queue_full' });
  controller.abort();
  assert.equal(runner.summary().pending, 0);
  const starts: string[] = [];
  runner.on('started', ({ taskId }) => void starts.push(taskId));
  const hello = runner.submit(() => 'Hello World');
  await blocker.cancel();
  assert.equal(await hello.wait(), 'Hello World');
  assert.deepEqual([starts, ran], [[hello.id], 0]);
});

test('239: clearing a queue settles everybody who waits for what was in it', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
  const first = runner.submit(() => void runner.clear({ all: true }));
  const rest = [1, 2, 3].map(() => runner.submit(() => 'hello!'));
  const waiting = [first, ...rest].map((task) => outcome(task.wait()));
  await clock.settle();
  assert.deepEqual(
    (await Promise.all(waiting)).map(({ code }) => code),
    ['cancelled', 'cancelled', 'cancelled', 'cancelled'],
  );
  await runner.waitAll();
  assert.equal(clock.holding, 0, 'nothing keeps the process');
});

test('241: a task whose signal was aborted before, behind a full slot, rejects at once', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
  runner.submit(untilAborted);
  await clock.settle();
  const controller = new AbortController();
  controller.abort();
  const waiting = outcome(runner.submit(() => 1, { signal: controller.signal }).wait());
  await clock.settle();
  assert.equal((await waiting).code, 'cancelled');
  const later = new AbortController();
  const queued = outcome(runner.submit(() => 1, { signal: later.signal }).wait());
  later.abort();
  await clock.settle();
  assert.equal((await queued).code, 'cancelled');
  for (const { signal } of [controller, later]) assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('8: a long queue can be interrupted and cleared, and taken into use again', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 2 });
  let ran = 0;
  const tasks = Array.from({ length: 1_000 }, () =>
    runner.submit(async (ctx) => {
      ran += 1;
      if (ran > 10) await untilAborted(ctx);
    }),
  );
  await clock.settle();
  const before = ran;
  assert.equal(runner.cancelAll('interrupted'), 990);
  await clock.settle();
  assert.equal(ran, before);
  assert.equal(runner.clear(), 500, 'what was retained');
  const { total, completed, cancelled, pending, running } = runner.summary();
  assert.deepEqual([total, completed, cancelled, pending, running], [1_000, 10, 990, 0, 0]);
  assert.equal((await outcome(tasks[999]?.wait() as Promise<unknown>)).code, 'cancelled');
  assert.equal(await runner.submit(() => 'again').wait(), 'again');
});
