import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { mock, test } from 'node:test';
import { Reading } from '#offstage/program/command/reading.js';

/** A stream that has text whenever it is asked; it is asked once a turn of the event loop. */
function flood(size: number): Readable {
  return new Readable({
    highWaterMark: 1,
    read() {
      setImmediate(() => this.push('x'.repeat(size)));
    },
  });
}

const turns = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n++) await new Promise(setImmediate);
};

test('of a flood no more is read than wanted, until the span is over; a hurry reads all at once', async (t) => {
  const timers: (() => void)[] = [];
  t.mock.method(globalThis, 'setTimeout', (callback: () => void) => {
    timers.push(callback);
    return { unref: () => 0, ref: () => 0 };
  });
  t.mock.method(globalThis, 'clearTimeout', () => timers.splice(0));
  const now = t.mock.method(performance, 'now', () => 1000);
  const stream = flood(100);
  t.after(() => stream.destroy());
  let read = 0;
  const reading = new Reading(stream, 1000, (text) => {
    read += text.length;
  });
  await turns(100);
  assert.deepEqual([read, timers.length], [1000, 1]);
  now.mock.mockImplementation(() => 1050);
  timers.shift()?.();
  await turns(100);
  assert.equal(read, 2000);
  reading.hurry();
  await turns(100);
  assert.ok(read > 5000, `${read} characters`);
  reading.calm();
  const before = read;
  await turns(100);
  assert.ok(read <= before + 1000, 'held up again');
});

test('what is no flood is never held up', async (t) => {
  let time = 0;
  t.mock.method(performance, 'now', () => time);
  const later = mock.fn();
  t.mock.method(globalThis, 'setTimeout', later);
  const stream = new Readable({ read() {} });
  const told: string[] = [];
  new Reading(stream, 1000, (text) => told.push(text));
  for (let n = 0; n < 100; n++) {
    stream.push('ü'.repeat(300));
    await turns(2);
    time += 20;
  }
  assert.equal(told.join('').length, 30_000);
  assert.equal(later.mock.callCount(), 0);
});
