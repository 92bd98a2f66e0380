import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mask } from '#offstage/worker/mask.js';

test('values of eight characters or more are hidden, shorter ones are not', () => {
  const mask = new Mask(['12345678', 'short', '12345678-longer']);
  assert.equal(mask.text('a 12345678 b short 12345678-longer c'), 'a *** b short *** c');
});

test('in JSON only strings and keys change, so it stays JSON', () => {
  const mask = new Mask(['12345678', 'quo"ted\\value']);
  const value = { '12345678': 1, n: 12345678, list: ['x12345678', 'quo"ted\\value'], deep: { nul: null } };
  assert.deepEqual(JSON.parse(mask.json(JSON.stringify(value))), {
    '***': 1,
    n: 12345678,
    list: ['x***', '***'],
    deep: { nul: null },
  });
});

test('text without a secret passes untouched', () => {
  const json = '{ "a" : 1.0 }';
  assert.equal(new Mask(['12345678']).json(json), json);
  assert.equal(new Mask([]).json(json), json);
});
