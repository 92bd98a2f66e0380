/** What is there is not waited for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Soon, soon } from '#offstage/wire/soon.js';

const double = (value: number): Soon<number> => 2 * value;

test('it goes on at once with what is there, and with a promise when it has come', async () => {
  assert.equal(soon(1, double), 2);
  const later = soon(Promise.resolve(1), double);
  assert.ok(later instanceof Promise);
  assert.equal(await later, 2);
  assert.equal(await soon(1, async (value) => value + 1), 2);
});

test('what is thrown at once is thrown at once, and a rejection goes on', async () => {
  const fail = (): never => {
    throw new RangeError('no');
  };
  assert.throws(() => soon(1, fail), RangeError);
  await assert.rejects(async () => soon(Promise.resolve(1), fail), RangeError);
  const lost = Promise.reject(new RangeError('no'));
  await assert.rejects(async () => soon(lost as Promise<number>, double), RangeError);
});
