import assert from 'node:assert/strict';
import { test } from 'node:test';
import { after } from '#offstage/worker/clock.js';

test('never calls back early', async () => {
  const start = performance.now();
  await new Promise<void>((resolve) => void after(20.7, resolve));
  assert.ok(performance.now() - start >= 20.7);
});

test('durations beyond what a timer can count do not fire at once', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let called = 0;
  const cancel = after(2 ** 31 + 5000, () => called++);
  t.mock.timers.tick(1000);
  assert.equal(called, 0);
  cancel();
  after(Number.POSITIVE_INFINITY, () => called++);
  t.mock.timers.tick(2 ** 31 - 1);
  assert.equal(called, 0);
});

test('a cancelled timer does not call', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let called = 0;
  after(10, () => called++)();
  t.mock.timers.tick(1000);
  assert.equal(called, 0);
});
