import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distance as reference } from 'fastest-levenshtein';
import { distance, nearest, nearestOf } from '#offstage/wire/nearest.js';

test('the distance is that of the library, for words up to 12 letters', () => {
  let seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
  const first = seed;
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (seed >> 8) % below;
  };
  const word = (): string => Array.from({ length: next(13) }, () => 'abcX'[next(4)]).join('');
  for (let round = 0; round < 2_000; round++) {
    const [from, to] = [word(), word()];
    assert.equal(distance(from, to), reference(from, to), `${from} and ${to}, SEED=${first}`);
  }
});

test('a beginning is near, a word of other letters is not', () => {
  assert.equal(nearestOf('concurency', ['worker', 'concurrency']), 'concurrency');
  assert.equal(nearestOf('max', ['yieldMs', 'maxQueued']), 'maxQueued');
  assert.equal(nearestOf('foo', ['worker', 'concurrency']), undefined);
});

test('several are answered nearest first, equals as they are given, none twice', () => {
  assert.deepEqual(nearest('lsit', ['list', 'init', 'list', 'submit'], 3), ['list', 'init']);
  assert.deepEqual(nearest('lsit', ['init', 'list'], 1), ['init']);
});
