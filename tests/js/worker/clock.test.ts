import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Countdown, systemClock } from '#offstage/worker/clock.js';
import { VirtualClock } from './virtual.js';

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

test('a countdown counts only while it runs, and is over once', () => {
  const clock = new VirtualClock();
  let over = 0;
  const countdown = new Countdown(clock, 100, () => over++);
  clock.advance(1000);
  assert.equal(over, 0, 'it begins paused');
  countdown.run();
  clock.advance(60);
  countdown.pause();
  countdown.pause();
  clock.advance(1000);
  countdown.run();
  countdown.run();
  clock.advance(39);
  assert.equal(over, 0);
  clock.advance(1);
  assert.equal(over, 1);
  clock.advance(1000);
  assert.equal(over, 1);
});
