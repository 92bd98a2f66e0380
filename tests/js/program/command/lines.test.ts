import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lines } from '#offstage/program/command/lines.js';
import { cut } from '#offstage/wire/cut.js';

function read(...parts: string[]): string[] {
  const found: string[] = [];
  const lines = new Lines((lines) => found.push(...lines));
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

test('the lines of one text are told together', () => {
  const told: string[][] = [];
  const lines = new Lines((some) => told.push(some));
  for (const text of ['a\nb\nc', 'd\ne', 'f', '\n']) lines.add(text);
  assert.deepEqual(told, [['a', 'b'], ['cd'], ['ef']]);
});

test('of a line that is too long the beginning is told, once and at once, and the next one is whole', () => {
  const chunk = 'x'.repeat(40_000);
  const found = read(chunk, chunk, chunk, `${chunk}\nnext\n`);
  assert.deepEqual(found, [chunk + chunk, 'next']);
  assert.ok(cut(found[0] as string).endsWith('… (cut)'), 'whoever stores it cuts it, with a mark');
  const told: number[] = [];
  const lines = new Lines((some) => told.push(...some.map(({ length }) => length)));
  for (let n = 0; n < 2500; n++) lines.add(chunk); // 100 MB without an end
  lines.flush();
  assert.deepEqual(told, [80_000]);
});
