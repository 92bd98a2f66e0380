import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutForModel } from '#offstage/wire/cut-for-model.js';

const MOST = 32 * 1024;

test('what is short enough is told as it is', () => {
  for (const result of ['x', { a: [1] }, null, 'y'.repeat(MOST)]) assert.deepEqual(cutForModel(result), { result });
});

test('what is longer is cut between two words, and says by how much', () => {
  const word = 'k'.repeat(100);
  const text = `${word} `.repeat(400).trimEnd();
  const { result, result_cut } = cutForModel(text) as { result: string; result_cut: string };
  assert.ok(result.length <= MOST && result.length > MOST - 101, `${result.length} characters`);
  assert.ok(result.split(' ').every((one) => one === word));
  assert.equal(result_cut, `${text.length - result.length} more characters`);
});
