import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonBytes } from '#offstage/wire/cut.js';
import { Lines } from '#offstage/worker/children/lines.js';

function read(...parts: string[]): string[] {
  const found: string[] = [];
  const lines = new Lines((line) => found.push(line));
  for (const part of parts) lines.add(part);
  lines.flush();
  return found;
}

test('lines are the same however the text arrives', () => {
  const text = 'one\n\ntwo\r\nthree\n  four';
  assert.deepEqual(read(text), ['one', '', 'two', 'three', '  four']);
  assert.deepEqual(read(...text), read(text));
});

test('nothing is told of nothing', () => {
  assert.deepEqual(read(), []);
  assert.deepEqual(read('', ''), []);
});

test('a line that is too long is cut once, and the next one is whole', () => {
  const chunk = 'x'.repeat(40_000);
  const found = read(chunk, chunk, chunk, `${chunk}\nnext\n`);
  assert.equal(found.length, 2);
  assert.ok(jsonBytes(found[0] as string) <= 64 * 1024);
  assert.match(found[0] as string, /^x+… \(cut\)$/);
  assert.equal(found[1], 'next');
});
