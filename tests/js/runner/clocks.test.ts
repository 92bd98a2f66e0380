import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from './helpers.ts';
import { virtual } from './virtual.ts';

const YEAR = 365 * 24 * 3_600_000;
const HOUR = 3_600_000;

for (const ms of [2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32, YEAR]) {
  test(`a delay, a timeout and a wait of ${ms} ms are over on time, none early`, async () => {
    const { runner, clock } = virtual({ killGrace: 0 });
    const delayed = runner.submit(() => 1, { delay: ms / 1000 });
    const limited = runner.submit(never, { timeout: ms / 1000 });
    const other = runner.submit(never, { timeout: 0 });
    let expired = false;
    let idle = false;
    const waiting = other.wait(ms / 1000).catch(() => (expired = true));
    const waitingAll = runner.waitAll(ms / 1000).catch(() => (idle = true));
    await clock.settle();
    clock.jump(ms - 1);
    await clock.settle();
    const before = [await delayed.status(), await limited.status(), expired, idle];
    assert.deepEqual(before, ['pending', 'running', false, false]);
    await clock.advance(1);
    assert.deepEqual([await delayed.status(), await limited.status()], ['completed', 'failed']);
    await Promise.all([waiting, waitingAll]);
    assert.deepEqual([expired, idle], [true, true]);
    assert.equal(await other.status(), 'running');
  });
}

test('an endless delay, timeout and wait are never over', async () => {
  const { runner, clock } = virtual();
  const endless = Number.POSITIVE_INFINITY;
  const delayed = runner.submit(() => 1, { delay: endless });
  const limited = runner.submit(never, { timeout: endless });
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  delayed.wait(endless).then(settle, settle);
  limited.wait({ timeout: endless }).then(settle, settle);
  runner.waitAll(endless).then(settle, settle);
  await clock.settle();
  clock.jump(YEAR);
  await clock.settle();
  assert.deepEqual([await delayed.status(), await limited.status(), settled], ['pending', 'running', false]);
});

for (const step of [HOUR, -HOUR]) {
  test(`the wall clock steps by ${step} ms: no timeout, grace, wait or keeping is early or late`, async () => {
    const { runner, clock } = virtual({ killGrace: 5, cleanupDelay: 10 });
    const limited = runner.submit(never, { timeout: 100 });
    const kept = runner.submit(() => 1);
    let expired = false;
    limited.wait(50).catch(() => (expired = true));
    await clock.advance(5_000);
    clock.stepWall(step);
    await clock.advance(4_999);
    assert.equal(runner.get(kept.id)?.status, 'completed');
    await clock.advance(1);
    assert.equal(runner.get(kept.id), undefined, 'kept for 10 s');
    await clock.advance(39_999);
    assert.equal(expired, false);
    await clock.advance(1);
    assert.equal(expired, true, 'waited 50 s');
    await clock.advance(49_999);
    assert.equal(await limited.status(), 'running');
    await clock.advance(1);
    assert.equal(await limited.status(), 'failed', 'after 100 s');
    clock.stepWall(-step);
    await clock.advance(4_999);
    assert.equal(runner.summary().abandoned, 0);
    await clock.advance(1);
    assert.equal(runner.summary().abandoned, 1);
  });
}

test('what is delayed follows the wall clock: a step forward is noticed within a minute', async () => {
  const { runner, clock } = virtual();
  const task = runner.submit(() => 1, { delay: 3_600 });
  await clock.advance(30_000);
  clock.stepWall(HOUR);
  await clock.advance(60_000);
  assert.equal(await task.status(), 'completed');
});

test('what is delayed follows the wall clock: a step back makes it wait on', async () => {
  const { runner, clock } = virtual();
  const task = runner.submit(() => 1, { delay: 3_600 });
  await clock.advance(30_000);
  clock.stepWall(-HOUR);
  await clock.advance(2 * HOUR - 30_001);
  assert.equal(await task.status(), 'pending');
  await clock.advance(1);
  assert.equal(await task.status(), 'completed');
});

test('many delays are due in the order of their moments', async () => {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
  const order: number[] = [];
  for (const delay of [5, 1, 4, 2, 3]) runner.submit(() => void order.push(delay), { delay });
  await clock.advance(10_000);
  assert.deepEqual(order, [1, 2, 3, 4, 5]);
});

test('one timer serves all, and none is left when all is done and dropped', async () => {
  const { runner, clock } = virtual({ cleanupDelay: 1 });
  for (let count = 0; count < 200; count++) runner.submit(() => 1, { delay: count / 10, timeout: 5 });
  await clock.settle();
  assert.equal(clock.timers, 1);
  await clock.advance(30_000);
  assert.equal(runner.tasks.length, 0);
  assert.equal(clock.holding, 0);
  await clock.advance(3_000_000_000);
  assert.equal(clock.timers, 0);
});
