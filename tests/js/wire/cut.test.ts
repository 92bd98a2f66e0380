import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cut, jsonBytes, pieces } from '#offstage/wire/cut.js';
import { LIMITS } from '#offstage/wire/serialize.js';

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

test('pieces are the whole text, each fits into an event, and no pair of surrogates is torn', () => {
  for (const unit of ['a', 'ü', '😀', 'x😀', '\u0000', '\ud83d']) {
    const text = unit.repeat(20_000);
    const all = [...pieces(text)];
    assert.equal(all.join(''), text);
    for (const piece of all) assert.ok(piece !== '' && jsonBytes(piece) <= LIMITS.event - 256, unit);
    if (unit.includes('😀'))
      assert.ok(
        all.every((piece) => piece.isWellFormed()),
        unit,
      );
  }
  assert.deepEqual([...pieces('')], []);
});
