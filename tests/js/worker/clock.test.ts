import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { systemClock } from '#offstage/worker/clock.js';

/** The clock's own timers keep no process alive. */
function stayAlive(t: TestContext): void {
  const timer = setInterval(() => {}, 1000);
  t.after(() => clearInterval(timer));
}

test('never calls back early', async (t) => {
  stayAlive(t);
  const start = performance.now();
  await new Promise<void>((resolve) => void systemClock.after(20.7, resolve));
  assert.ok(performance.now() - start >= 20.7);
});

test('durations beyond what a timer can count do not fire at once', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let called = 0;
  const cancel = systemClock.after(2 ** 31 + 5000, () => called++);
  t.mock.timers.tick(1000);
  assert.equal(called, 0);
  cancel();
  systemClock.after(Number.POSITIVE_INFINITY, () => called++);
  t.mock.timers.tick(2 ** 31 - 1);
  assert.equal(called, 0);
});

test('a cancelled timer does not call', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let called = 0;
  systemClock.after(10, () => called++)();
  t.mock.timers.tick(1000);
  assert.equal(called, 0);
});
