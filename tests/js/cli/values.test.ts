import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as values from '#offstage/cli/values.js';

test('durations are seconds, or a text with a unit that stays as it is', () => {
  assert.equal(values.duration('--delay', '90'), 90);
  assert.equal(values.duration('--delay', '0.5'), 0.5);
  assert.equal(values.duration('--delay', '0'), 0);
  assert.equal(values.duration('--delay', '90s'), '90s');
  assert.equal(values.duration('--delay', '1.5h'), '1.5h');
});

for (const text of ['-1', '-0.5', 'NaN', '-5s', '', ' ', 'soon', '1e999', 'Infinity', '0x10', '5 x', '1,5']) {
  test(`${JSON.stringify(text)} is no duration`, () => {
    assert.throws(() => values.duration('--timeout', text), {
      code: 'invalid_argument',
      message: `--timeout: got ${JSON.stringify(text)}, expected seconds, 0 or more, or a text such as 90s, 30m, 2h`,
    });
    assert.throws(() => values.seconds('--drain', text), {
      message: /^--drain: got .*, expected a number of seconds, 0 or more$/,
    });
  });
}

test('a task may have no time limit', () => {
  assert.deepEqual(
    ['0', 'none', 'Infinity'].map((text) => values.timeLimit('--timeout', text)),
    [0, 0, 0],
  );
  assert.throws(() => values.timeLimit('--timeout', '-Infinity'), { message: /^--timeout: got "-Infinity"/ });
});

test('whole numbers have bounds', () => {
  assert.equal(values.whole('--page', '3', 1), 3);
  for (const text of ['0', '-1', '1.5', 'x', '', '9007199254740993']) {
    assert.throws(() => values.whole('--page', text, 1), {
      message: `--page: got ${JSON.stringify(text)}, expected a whole number, 1 or more`,
    });
  }
  assert.throws(() => values.whole('--page-size', '1001', 1, 1000), { message: /from 1 to 1000$/ });
});

test('priorities are whole numbers, also negative ones, or names', () => {
  assert.deepEqual(
    ['-7', '20', 'high'].map((text) => values.priority('--priority', text)),
    [-7, 20, 'high'],
  );
  assert.throws(() => values.priority('--priority', 'urgent'), {
    message: /^--priority: got "urgent", expected a whole number, or low/,
  });
});

test('done is completed, and an unknown state names the known ones', () => {
  assert.deepEqual(values.statuses('--status', ['done', 'running']), ['completed', 'running']);
  assert.throws(() => values.statuses('--status', ['finished']), {
    message: /^--status: got "finished", expected one of pending, running, .*cancelled \(done is completed\)$/,
  });
});

test('config is a JSON object and nothing else', () => {
  assert.deepEqual(values.jsonObject('--config', '{"a":[1]}'), { a: [1] });
  assert.throws(() => values.jsonObject('--config', '{a:1}'), {
    code: 'invalid_argument',
    message: /^--config: got "\{a:1\}", expected a JSON object \(.+\)$/,
  });
  for (const text of ['[]', 'null', '1', '"x"']) {
    assert.throws(() => values.jsonObject('--config', text), { message: /^--config: got .*, expected a JSON object$/ });
  }
});

test('input that is not JSON is that text; falsy JSON stays what it is', () => {
  assert.deepEqual(['{"a":1}', '0', 'false', 'null', '""', '[]', 'plain text', '', '{a', '"a'].map(values.jsonOrText), [
    { a: 1 },
    0,
    false,
    null,
    '',
    [],
    'plain text',
    '',
    '{a',
    '"a',
  ]);
});

test('a moment is local unless it names a zone; a time of day is the next one', () => {
  const now = new Date(2026, 10, 27, 18, 30, 0);
  const at = (text: string): Date => values.moment('--run-at', text, now);
  assert.deepEqual(at('18:31'), new Date(2026, 10, 27, 18, 31));
  assert.deepEqual(at('18:30'), new Date(2026, 10, 28, 18, 30), 'that one is over');
  assert.deepEqual(at('2:05'), new Date(2026, 10, 28, 2, 5));
  assert.deepEqual(at('2026-12-24'), new Date(2026, 11, 24));
  assert.deepEqual(at('2026-12-24 18:30'), new Date(2026, 11, 24, 18, 30));
  assert.deepEqual(at('2026-12-24T18:30:15'), new Date(2026, 11, 24, 18, 30, 15));
  assert.deepEqual(at('2026-12-24T18:30Z'), new Date(Date.UTC(2026, 11, 24, 18, 30)));
  assert.deepEqual(at('2026-12-24 18:30 +02:00'), new Date(Date.UTC(2026, 11, 24, 16, 30)));
  for (const text of [
    '24:00',
    '12:60',
    '2026-13-01',
    '2026-02-30',
    '2026-12-24 25:00',
    '24.12.2026',
    'now',
    '',
    '1767225600',
  ]) {
    assert.throws(() => values.moment('--run-at', text, now), { code: 'invalid_argument' }, text);
  }
});
