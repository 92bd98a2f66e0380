import assert from 'node:assert/strict';
import { test } from 'node:test';
import { laterProgress, toldProgress } from '#offstage/wire/progress.js';

test('what is left out is told as nothing; a fraction is clamped, a message cut', () => {
  assert.deepEqual(toldProgress(0.5, undefined, undefined), { fraction: 0.5, message: null });
  assert.deepEqual(toldProgress(-1, 'half', undefined), { fraction: 0, message: 'half' });
  assert.deepEqual(toldProgress(undefined, 'half', undefined), { fraction: null, message: 'half' });
  assert.deepEqual(toldProgress(undefined, undefined, null), { fraction: null, message: null, data: 'null' });
  assert.deepEqual(toldProgress(2, undefined, { a: [1] }), { fraction: 1, message: null, data: '{"a":[1]}' });
  assert.ok((toldProgress(1, 'x'.repeat(9999), undefined).message?.length ?? 0) <= 1024);
});

test('a fraction that is no number, and nothing at all, are refused; data are JSON of 16 KiB', () => {
  for (const bad of [Number.NaN, '1', null, {}]) {
    assert.throws(() => toldProgress(bad, 'm', 1), { code: 'invalid_argument', message: /a number from 0 to 1$/ });
  }
  assert.throws(() => toldProgress(undefined, undefined, undefined), { code: 'invalid_argument' });
  const text = (bytes: number) => 'x'.repeat(bytes - 2);
  assert.equal(toldProgress(1, undefined, text(16_384)).data?.length, 16_384);
  const message = 'progress data has 16385 bytes as JSON, the limit is 16384';
  assert.throws(() => toldProgress(1, undefined, text(16_385)), { code: 'unserializable', message });
  assert.throws(() => toldProgress(1, undefined, 'é'.repeat(8_192)), { code: 'unserializable' });
  assert.throws(() => toldProgress(1, undefined, 1n), { code: 'unserializable' });
});

test('of two the later counts, with what only the earlier one told', () => {
  const half = { fraction: 0.5, message: 'half', data: '1' };
  assert.deepEqual(laterProgress(half, { fraction: 0.6, message: null }), { fraction: 0.6, message: null, data: '1' });
  assert.deepEqual(laterProgress(half, { fraction: null, message: null, data: '2' }), { ...half, data: '2' });
  assert.deepEqual(laterProgress(half, { fraction: null, message: 'm' }), { ...half, message: 'm' });
  const [one, two] = [
    { fraction: 0.1, message: null },
    { fraction: 0.2, message: 'b' },
  ];
  assert.deepEqual(laterProgress(one, two), two);
});
