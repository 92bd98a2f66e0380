/** Where an attempt stands: what has happened once does not happen again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Life } from '#offstage/worker/life.js';

const stop = { because: 'timeout' } as const;

test('it begins unless it was told to end or has ended', () => {
  const [told, ended, open] = [new Life(), new Life(), new Life()];
  assert.ok(told.tellToEnd(stop));
  assert.ok(ended.end({ kind: 'killed' }));
  assert.deepEqual([told.begin(), ended.begin(), open.begin()], [false, false, true]);
  assert.deepEqual([told.hasBegun, ended.hasBegun, open.hasBegun], [false, false, true]);
});

test('it is told to end once, and not after its end', () => {
  const life = new Life();
  assert.ok(life.tellToEnd(stop));
  assert.equal(life.tellToEnd({ because: 'shutdown' }), false);
  assert.deepEqual([life.stop, life.isOpen, life.hasEnded], [stop, false, false]);
  const ended = new Life();
  ended.end({ kind: 'aborted' });
  assert.deepEqual([ended.tellToEnd(stop), ended.stop], [false, undefined]);
});

test('the first end counts', async () => {
  const life = new Life();
  assert.deepEqual([life.end({ kind: 'killed' }), life.end({ kind: 'aborted' })], [true, false]);
  assert.deepEqual(await life.ending, { kind: 'killed' });
});

test('a question that is stored after the end finds nobody who waits', () => {
  const life = new Life();
  life.begin();
  assert.ok(life.ask());
  assert.ok(life.isAsking);
  life.goOn();
  assert.deepEqual([life.isAsking, life.isOpen, life.hasBegun], [false, true, true]);
  life.end({ kind: 'killed' });
  assert.deepEqual([life.ask(), life.isAsking], [false, false]);
});
