import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { gate, never, outcome } from './helpers.ts';
import { virtual } from './virtual.ts';

test('a wait that expires is a TimeoutError and changes nothing: the task runs on', async () => {
  const { runner, clock } = virtual();
  const open = gate<number>();
  const task = runner.submit(() => open.promise);
  const waiting = task.wait('2s');
  const seen = outcome(waiting);
  await clock.advance(2_000);
  await assert.rejects(waiting, { name: 'TimeoutError', code: 'wait_timeout', taskId: task.id, message: /2s/ });
  assert.equal((await seen).code, 'wait_timeout');
  assert.equal(await task.status(), 'running');
  open.open(4);
  assert.equal(await task.wait(), 4);
});

test('wait(0) looks once', async () => {
  const { runner, clock } = virtual();
  const task = runner.submit(() => 'x');
  await assert.rejects(task.wait(0), { code: 'wait_timeout' });
  await clock.settle();
  assert.equal(await task.wait(0), 'x');
});

test('a wait ends with its signal, with the reason, and the task runs on', async () => {
  const { runner, clock } = virtual();
  const task = runner.submit(never);
  const controller = new AbortController();
  const reason = new Error('enough of this');
  for (const options of [{ signal: controller.signal }, { signal: controller.signal, timeout: 10 }]) {
    const waiting = task.wait(options);
    waiting.catch(() => {});
    await clock.settle();
    assert.equal(getEventListeners(controller.signal, 'abort').length >= 1, true);
  }
  const waiting = task.wait({ signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(waiting, (error) => error === reason);
  await assert.rejects(task.wait({ signal: controller.signal }), (error) => error === reason);
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
  assert.equal(await task.status(), 'running');
});

for (const [given, message] of [
  [-1, /timeout: got -1/],
  [Number.NaN, /timeout: got NaN/],
  ['soon', /timeout: got "soon"/],
  [null, /timeout: got null/],
  [true, /timeout: got true/],
  [{ timeout: -1 }, /timeout: got -1/],
  [{ limit: 1 }, /unknown option 'limit'/],
] as const) {
  test(`wait(${JSON.stringify(given)}) is refused`, async () => {
    const { runner, clock } = virtual();
    const task = runner.submit(never);
    await assert.rejects(task.wait(given as never), { name: 'InvalidArgumentError', message });
    await clock.settle();
    assert.equal(await task.status(), 'running');
  });
}

test('a wait polled 10,000 times leaves nothing', async () => {
  const { runner, clock } = virtual();
  const controller = new AbortController();
  const open = gate();
  const task = runner.submit(() => open.promise, { timeout: 0 });
  await clock.settle();
  const timers = clock.timers;
  let expired = 0;
  const polls: Promise<unknown>[] = [];
  for (let count = 0; count < 10_000; count++) {
    polls.push(
      task.wait(count % 2 === 0 ? 0 : { timeout: 0.001, signal: controller.signal }).catch(() => (expired += 1)),
    );
    if (count % 1_000 === 0) polls.push(runner.waitAll(0.001).catch(() => {}));
  }
  clock.jump(1);
  await Promise.all(polls);
  assert.equal(expired, 10_000);
  assert.equal(clock.timers, timers);
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
  open.open();
  await task.wait();
});

test('waits with a time have one timer together, and each ends at its own time', async () => {
  const { runner, clock } = virtual();
  const open = gate<number>();
  const tasks = [1, 2, 3].map(() => runner.submit(() => open.promise, { timeout: 0 }));
  await clock.settle();
  assert.equal(clock.timers, 1, 'that which keeps the process while tasks live');
  const ended: number[] = [];
  for (const seconds of [3, 1, 2, 1, 40 * 24 * 3_600]) {
    for (const task of tasks) task.wait(seconds).catch(() => ended.push(seconds));
  }
  await clock.settle();
  assert.equal(clock.timers, 1);
  await clock.advance(999);
  assert.deepEqual(ended, []);
  await clock.advance(1_001);
  assert.deepEqual(ended, [1, 1, 1, 1, 1, 1, 2, 2, 2]);
  assert.equal(clock.timers, 1);
  await clock.advance(1_000);
  assert.deepEqual(ended.slice(9), [3, 3, 3]);
  await clock.advance(40 * 24 * 3_600_000 - 3_001);
  assert.equal(ended.length, 12, 'over the longest time that a timer can take, too');
  await clock.advance(1);
  assert.equal(ended.length, 15);
  open.open(1);
  assert.deepEqual(await Promise.all(tasks.map((task) => task.wait(1))), [1, 1, 1]);
});

test('a task that ends at the very moment at which a wait is over has ended', async () => {
  const { runner, clock } = virtual();
  const task = runner.submit(never, { timeout: 2 });
  await clock.settle();
  const waiting = outcome(task.wait(2));
  await clock.advance(2_000);
  assert.equal((await waiting).code, 'timeout');
});

test('a wait that has ended with its task is told nothing at its time', async () => {
  const { runner, clock } = virtual();
  const open = gate<number>();
  const other = runner.submit(never, { timeout: 0 });
  const task = runner.submit(() => open.promise, { timeout: 0 });
  await clock.settle();
  const first = task.wait(5);
  await clock.settle();
  open.open(7);
  assert.equal(await first, 7);
  const second = outcome(other.wait(5));
  await clock.advance(4_999);
  assert.equal(await other.status(), 'running');
  await clock.advance(1);
  assert.equal((await second).code, 'wait_timeout');
});

test('cancel says whether it did; with stopped it waits until the work has ended', async () => {
  const { runner, clock } = virtual();
  const open = gate();
  const task = runner.submit(() => open.promise);
  await clock.settle();
  let stopped = false;
  const cancelling = task.cancel('now', { stopped: true }).then((did) => {
    stopped = true;
    return did;
  });
  await clock.settle();
  assert.deepEqual([await task.status(), stopped], ['cancelled', false]);
  assert.equal(await task.cancel('again'), false);
  open.open();
  assert.equal(await cancelling, true);
  const stuck = runner.submit(never);
  await clock.settle();
  const abandoning = stuck.cancel(undefined, { stopped: true });
  await clock.advance(5_000);
  assert.equal(await abandoning, true);
  const queued = runner.submit(() => 1, { delay: 10 });
  assert.equal(await queued.cancel('unused', { stopped: true }), true);
  await assert.rejects(task.wait(), { message: /: now$/ });
  await assert.rejects(task.cancel(5 as never), { message: /reason: got 5, expected a text/ });
  await assert.rejects(task.cancel('x', { stop: true } as never), { message: /unknown option 'stop'/ });
});

test('cancel before the start: the function is never called', async () => {
  const { runner, clock } = virtual();
  let ran = false;
  const task = runner.submit(() => (ran = true));
  assert.equal(await task.cancel(), true);
  await clock.settle();
  assert.equal(ran, false);
  const { startedAt, attempt } = await task.snapshot();
  assert.deepEqual([startedAt, attempt], [null, 0]);
});
