/** What people complained of about cancelling and clearing in a pool of threads: it does not occur in `submitThread`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackgroundRunner } from '#offstage';
import { held, memory, open, started } from './shared.js';
import { BEATS, STARTED } from './thread-module.js';
import { virtual } from './virtual.js';

const MODULE = new URL('./thread-module.js', import.meta.url);
test('piscina 869: time in the queue is no part of a timeout, and the timeout ends what runs', async () => {
  const { runner, clock } = virtual({ maxConcurrent: 1 });
  const [first, second] = [memory(), memory()];
  const before = runner.submitThread(MODULE, ['gate', first, 'first'], { timeout: 0 });
  const patient = runner.submitThread(MODULE, ['gate', second, 'second'], { timeout: 10 });
  const busy = memory();
  const endless = runner.submitThread(MODULE, ['spin', busy], { timeout: 10 });
  await started(first, 1);
  await clock.advance(3_600_000);
  assert.deepEqual(await Promise.all([patient.status(), endless.status()]), ['pending', 'pending']);
  open(first);
  assert.equal(await held(before.wait()), 'first');
  await started(second, 1);
  await clock.advance(9_000);
  open(second);
  assert.equal(await held(patient.wait()), 'second');
  await started(busy, 1);
  await clock.advance(10_000);
  await assert.rejects(held(endless.wait()), { code: 'timeout' });
  await held(runner.stop());
});

test('piscina 805: tasks behind a cancelled one start, whichever was cancelled first', async () => {
  await using runner = new BackgroundRunner({ maxConcurrent: 1 });
  const shared = memory();
  const first = runner.submitThread(MODULE, ['spin', shared]);
  const second = runner.submitThread(MODULE, ['spin', shared]);
  const third = runner.submitThread<{ args: unknown[] }>(MODULE, ['tell', 3]);
  await started(shared, 1);
  await second.cancel();
  await first.cancel();
  assert.deepEqual((await third.wait(60)).args, [3]);
  assert.equal(Atomics.load(shared, STARTED), 1, 'the second one never started');
});

test('piscina 788: after a cancel of all there is no thread left over, and none that runs on', async () => {
  await using runner = new BackgroundRunner({ maxConcurrent: 3 });
  const shared = memory();
  const tasks = Array.from({ length: 6 }, () => runner.submitThread(MODULE, ['spin', shared]));
  await started(shared, 3);
  await Promise.all(tasks.map((task) => task.cancel(undefined, { stopped: true })));
  const beats = Atomics.load(shared, BEATS);
  const { cancelled, running, abandoned } = runner.summary();
  assert.deepEqual([cancelled, running, abandoned], [6, 0, 0]);
  await runner.submitThread(MODULE, ['tell']).wait();
  assert.deepEqual([Atomics.load(shared, STARTED), Atomics.load(shared, BEATS)], [3, beats]);
});

test('piscina 934: ending one call touches no other', async () => {
  await using runner = new BackgroundRunner({ maxConcurrent: 3 });
  const [busy, shared] = [memory(), memory()];
  const others = ['a', 'b'].map((tag) => runner.submitThread(MODULE, ['gate', shared, tag]));
  const doomed = runner.submitThread(MODULE, ['spin', busy]);
  await Promise.all([started(shared, 2), started(busy, 1)]);
  assert.equal(await doomed.cancel(undefined, { stopped: true }), true);
  open(shared);
  assert.deepEqual(await Promise.all(others.map((task) => task.wait())), ['a', 'b']);
});

test('clearing what waits leaves what runs, and what comes later runs', async () => {
  await using runner = new BackgroundRunner({ maxConcurrent: 1 });
  const shared = memory();
  const running = runner.submitThread(MODULE, ['gate', shared, 'done']);
  await started(shared, 1);
  const waiting = Array.from({ length: 5 }, () => runner.submitThread(MODULE, ['spin', shared]));
  for (const { taskId } of runner.pendingTasks) assert.equal(await runner.cancel(taskId), true);
  assert.equal(runner.clear({ status: ['cancelled'] }), 5);
  for (const task of waiting) await assert.rejects(task.wait(), { code: 'cancelled' });
  const later = runner.submitThread<{ args: unknown[] }>(MODULE, ['tell', 'later']);
  open(shared);
  assert.equal(await running.wait(), 'done');
  assert.deepEqual((await later.wait()).args, ['later']);
});
