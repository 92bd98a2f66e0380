import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MaskedFacts } from '#offstage/worker/mask/facts.js';
import { Objects } from '#offstage/worker/mask/objects.js';
import { Chunks, Lines } from '#offstage/worker/mask/stream.js';
import { maskOf } from './helpers.js';

const KEY = 'sk-live-ABCDEFGH12345678';
const PEM = '-----BEGIN KEY-----\nQwErTyUiOpAsDf\nab=\n-----END KEY-----';
const pieces = (text: string, size: number): string[] => text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];

test('only what may begin a value is held back', () => {
  const mask = maskOf(KEY);
  const chunks = new Chunks();
  assert.equal(chunks.add(mask, 'hello sk-'), 'hello ');
  assert.equal(chunks.add(mask, 'is no key'), 'sk-is no key');
  assert.deepEqual(
    pieces(`${KEY}!`, 6).map((piece) => chunks.add(mask, piece)),
    ['', '', '', '***', '!'],
  );
  assert.equal(chunks.flush(mask), '');
  assert.equal(chunks.add(mask, 'sk-'), '');
  assert.equal(chunks.flush(mask), 'sk-', 'the end decides');
  assert.equal(chunks.add(mask, 'sk-live-A'), '');
  assert.equal(chunks.flush(mask), '***', 'half of a value is more than a beginning');
});

test('a value that goes over into itself is bounded and covered', () => {
  const mask = maskOf('aaaaaaaa');
  const chunks = new Chunks();
  const told = Array.from({ length: 1000 }, () => chunks.add(mask, 'a'));
  assert.doesNotMatch(told.join('') + chunks.flush(mask), /a/);
});

test('lines that are pieces of a value are hidden, in their places', () => {
  const mask = maskOf(KEY, PEM);
  const lines = new Lines();
  const add = (...all: string[]) => all.flatMap((line) => lines.add(mask, line));
  assert.deepEqual(add('before', ...pieces(KEY, 6), 'after'), ['before', '***', '***', '***', '***', 'after']);
  assert.deepEqual(add(...PEM.split('\n'), 'after'), ['***', '***', '***', '***', 'after'], 'the short one too');
  assert.deepEqual(add('sk-liv', 'other', 'sk-liv'), ['sk-liv', 'other']);
  assert.deepEqual(lines.flush(mask), ['sk-liv']);
  assert.deepEqual(lines.flush(mask), []);
});

test('a line with something before is told at once', () => {
  assert.deepEqual(new Lines().add(maskOf(KEY), 'my sk-live'), ['my sk-live']);
});

test('texts that are put out belong together; what comes between keeps its place', () => {
  const mask = maskOf(KEY);
  const facts = new MaskedFacts(() => mask);
  const told = [
    ...pieces(`a ${KEY} b`, 6).flatMap((piece) => facts.output(JSON.stringify(piece))),
    ...facts.output('"sk-"'),
    ...facts.log('sk-l'),
    ...facts.output(JSON.stringify([KEY, '***'])),
    ...facts.output('""'),
    ...facts.output('"s"'),
    ...facts.flush(),
  ];
  const chunks = ['a ', '*** b', 'sk-', ['***', '***'], '', 's'];
  assert.deepEqual(told, [...chunks.map((chunk) => ({ command: 'output', chunk })), { command: 'log', line: 'sk-l' }]);
  assert.deepEqual(facts.flush(), []);
});

test('objects that carry a value in pieces wait for each other, and keep their places', () => {
  const mask = maskOf(KEY);
  const objects = new Objects();
  const add = (...values: unknown[]) => values.flatMap((value) => objects.add(mask, value));
  const delta = (text: string) => ({ type: 'delta', at: [text] });
  assert.deepEqual(add(...pieces(`x ${KEY} y`, 6).map(delta)), ['x ***', '***', '***', '***', '*** y'].map(delta));
  assert.deepEqual(add(delta('ask'), delta('sk-'), delta('or')), ['ask', 'sk-', 'or'].map(delta), 'it was none');
  assert.deepEqual(add(delta('sk-'), { tool: 1 }), [delta('sk-'), { tool: 1 }], 'another kind of object decides too');
  assert.deepEqual(add(delta('sk-l')), []);
  assert.deepEqual(objects.flush(mask), [delta('sk-l')]);
  assert.deepEqual(
    add({ [KEY]: 1, b: KEY }).map((one) => Object.values(one as object)),
    [[1, '***']],
  );
});

test('without a value nothing is held back', () => {
  const facts = new MaskedFacts(() => maskOf());
  assert.deepEqual(facts.log('sk-'), [{ command: 'log', line: 'sk-' }]);
  assert.deepEqual(facts.output('{"a":1}'), [{ command: 'output', chunk: { a: 1 } }]);
});
