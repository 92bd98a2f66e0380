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
