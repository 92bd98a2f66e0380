/** Timeouts of attempts: each is over when its own time is, and all of them have one timer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Countdown, Countdowns } from '#offstage/worker/countdown.js';
import { VirtualClock } from './virtual.js';

test('a countdown counts only while it runs, and is over once', () => {
  const clock = new VirtualClock();
  let over = 0;
  const countdown = new Countdown(new Countdowns(clock), 100, () => over++);
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

test('of many one has a timer, and each is over in its time', () => {
  const clock = new VirtualClock();
  const all = new Countdowns(clock);
  const over: [ms: number, at: number][] = [];
  const count = (ms: number) => {
    const one = new Countdown(all, ms, () => over.push([ms, clock.mono()]));
    one.run();
    return one;
  };
  const many = [300, 100, 200, 50, 100].map(count);
  assert.equal(clock.timers, 1);
  many[3]?.pause();
  clock.advance(99);
  assert.deepEqual([over, clock.timers], [[], 1], 'who is paused is not over');
  clock.advance(1);
  assert.deepEqual(over, [
    [100, 100],
    [100, 100],
  ]);
  many[3]?.run();
  clock.advance(400);
  assert.deepEqual(over.slice(2), [
    [50, 150],
    [200, 200],
    [300, 300],
  ]);
  assert.equal(clock.timers, 0, 'none is left when all are over');
});

test('who stops all that run leaves no timer, and one without end has none', () => {
  const clock = new VirtualClock();
  const all = new Countdowns(clock);
  const two = [10, 20].map((ms) => new Countdown(all, ms, assert.fail));
  for (const one of two) one.run();
  new Countdown(all, Number.POSITIVE_INFINITY, assert.fail).run();
  for (const one of two) one.pause();
  assert.equal(clock.timers, 0);
});

test('one that is over may let others run, and stop them', () => {
  const clock = new VirtualClock();
  const all = new Countdowns(clock);
  const over: string[] = [];
  const second = new Countdown(all, 10, () => over.push('second'));
  const third = new Countdown(all, 5, () => over.push('third'));
  const first = new Countdown(all, 10, () => {
    over.push('first');
    second.pause();
    third.run();
  });
  first.run();
  second.run();
  clock.advance(10);
  assert.deepEqual(over, ['first'], 'due in the same moment, and stopped by then');
  clock.advance(5);
  assert.deepEqual(over, ['first', 'third']);
});
