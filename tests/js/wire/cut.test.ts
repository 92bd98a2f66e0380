import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cut, jsonBytes } from '#offstage/wire/cut.js';

test('what fits is left alone', () => {
  for (const text of ['', 'short', 'ü'.repeat(40)]) assert.equal(cut(text, 100), text);
});

test('what does not fit is cut to the limit as JSON and marked', () => {
  for (const unit of ['a', 'ü', '😀', '\u0000', '"', '\\']) {
    const result = cut(unit.repeat(10_000), 200);
    assert.ok(jsonBytes(result) <= 200, unit);
    assert.ok(jsonBytes(result) > 180, `${unit}: no more is cut than must be`);
    assert.ok(result.endsWith('… (cut)'));
    assert.ok(result.startsWith(unit));
    assert.ok(!/[\ud800-\udbff](?![\udc00-\udfff])/.test(result), 'no half of a pair of surrogates is left');
  }
});
