import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Output } from '#offstage/program/command/output.js';

const LIMIT = 16 * 1024 * 1024;

/** Feeds chunks; answers with what became of them. */
function read(...chunks: string[]) {
  const progress: [number, string | undefined][] = [];
  const output = new Output((fraction, message) => progress.push([fraction as number, message]));
  const taken = chunks.map((chunk) => output.add(chunk));
  return { output, progress, taken };
}

const resultOf = (...chunks: string[]): unknown => read(...chunks).output.result();

test('the last line is the result when it is JSON, whatever comes before it', () => {
  assert.deepEqual(resultOf('working\n{"a":[1]}\n'), { a: [1] });
  assert.deepEqual(resultOf('{"a":1}'), { a: 1 });
  for (const [text, value] of [
    ['0\n', 0],
    ['false', false],
    ['null\r\n', null],
    ['""\n', ''],
    ['x\n"y"\n\n', 'y'],
  ] as const) {
    assert.equal(resultOf(text), value);
  }
});

test('else the whole text is, without the line end behind it', () => {
  assert.equal(resultOf('one\ntwo\n'), 'one\ntwo');
  assert.equal(resultOf('one\r\ntwo\r\n'), 'one\r\ntwo');
  assert.equal(resultOf('  spaced  \n\n'), '  spaced  \n');
  assert.equal(resultOf(''), '');
  assert.equal(resultOf('{\n"a": 1\n}\n'), '{\n"a": 1\n}');
});

test('progress lines are told, wherever the chunks are cut, and are no text', () => {
  const text = 'a\n::progress 0.4 half way\nb\n::progress 1\n::progress .5\tx y \n::progress 2e-1\r\n7\n';
  const whole = [
    [0.4, 'half way'],
    [1, undefined],
    [0.5, 'x y'],
    [0.2, undefined],
  ];
  for (let size = 1; size < text.length; size += 1) {
    const { output, progress } = read(...(text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []));
    assert.deepEqual(progress, whole, `in chunks of ${size}`);
    assert.equal(output.result(), 7);
    assert.equal(output.tail(), 'a\nb\n7');
  }
  assert.deepEqual(read('::progress 0.9 no line end').progress, []);
  const open = read('x\n::progress 0.9 no line end');
  assert.equal(open.output.result(), 'x');
  assert.deepEqual(open.progress, [[0.9, 'no line end']]);
});

test('lines of data are told, wherever the chunks are cut, and are no text', () => {
  const text = 'a\n::data {"n": [1, "x y"]}\n::progress 0.5\n::data\tnull \r\n::: no mark\n::data 7\n8\n';
  for (let size = 1; size < text.length; size += 1) {
    const told: unknown[] = [];
    const output = new Output((...what) => told.push(what));
    for (const chunk of text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []) output.add(chunk);
    const whole = [{ n: [1, 'x y'] }, null, 7].map((data) => [undefined, undefined, data]);
    assert.deepEqual(told, [whole[0], [0.5, undefined], whole[1], whole[2]], `in chunks of ${size}`);
    assert.equal(output.result(), 8);
    assert.equal(output.tail(), 'a\n::: no mark\n8');
  }
});

test('the text is told as it comes, all of it but lines of progress, and nothing beyond what a result may have', () => {
  const told: string[] = [];
  const output = new Output(
    () => {},
    (text) => told.push(text),
  );
  output.add('one\ntw');
  assert.deepEqual(told, ['one\ntw']);
  output.add('o\n::pro');
  output.add('gress 0.5\nthree');
  output.result();
  assert.equal(told.join(''), 'one\ntwo\nthree');
  output.add('x'.repeat(LIMIT));
  assert.equal(told.join(''), 'one\ntwo\nthree');
});

test('what only looks like progress is text', () => {
  for (const line of [
    '::progress',
    '::progress soon',
    '::data',
    '::data {a: 1}',
    '::database 1',
    '::progressive 1',
    ' ::progress 1',
    ':progress 1',
    'x ::progress 1',
  ]) {
    const { output, progress } = read(`${line}\n`);
    assert.deepEqual(progress, []);
    assert.equal(output.result(), line);
  }
  const long = `::progress ${'9'.repeat(70_000)}`;
  assert.equal(read(long, '\n').output.result(), long);
});

test('a text may have 16 MiB, counted in bytes; progress does not count', () => {
  const full = 'x'.repeat(LIMIT);
  const { output, taken } = read('::progress 0.5 m\n', full, '\n');
  assert.deepEqual(taken, [true, true, true]);
  assert.equal(output.result(), full);
  for (const chunks of [
    [full, '\n', 'xx'],
    ['é'.repeat(LIMIT / 2), 'xxx'],
  ]) {
    const over = read(...chunks);
    assert.equal(over.taken.at(-1), false);
    const error = over.output.tooLong();
    assert.equal(error.code, 'unserializable');
    assert.equal(error.message, 'stdout has more than the limit of a result, 16777216 bytes');
  }
});
