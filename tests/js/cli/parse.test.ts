import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Options } from '#offstage/cli/command.js';
import { firstWord, parse, wantsJson } from '#offstage/cli/parse.js';

const OPTIONS = {
  input: { type: 'string', short: 'i', value: 'JSON', help: '' },
  timeout: { type: 'string', help: '' },
  status: { type: 'string', multiple: true, help: '' },
  wait: { type: 'boolean', help: '' },
} as const satisfies Options;

test('takes options in every spelling and keeps the arguments in order', async () => {
  const { flags, args, behind } = await parse(
    ['a', '-i', '{"x":1}', '--timeout=5', '--status', 'running', 'b', '--status=done', '--wait', '--', '--x'],
    OPTIONS,
  );
  assert.deepEqual(flags, { input: '{"x":1}', timeout: '5', status: ['running', 'done'], wait: true });
  assert.deepEqual([args, behind], [['a', 'b'], ['--x']]);
  assert.deepEqual((await parse(['a', '--'], OPTIONS)).behind, []);
  assert.equal((await parse(['a'], OPTIONS)).behind, undefined);
});

test('absent options are undefined, false or empty', async () => {
  assert.deepEqual((await parse([], OPTIONS)).flags, { input: undefined, timeout: undefined, status: [], wait: false });
});

test('a value may be a dash, a negative number, empty, or begin with a dash after =', async () => {
  assert.equal((await parse(['-i', '-'], OPTIONS)).flags.input, '-');
  assert.equal((await parse(['--timeout', '-5'], OPTIONS)).flags.timeout, '-5');
  assert.equal((await parse(['--input='], OPTIONS)).flags.input, '');
  assert.equal((await parse(['--input=--wait'], OPTIONS)).flags.input, '--wait');
  assert.equal((await parse(['-i', '- a list'], OPTIONS)).flags.input, '- a list');
});

for (const [argv, message] of [
  [['--inptu', 'x'], /^unknown option --inptu; did you mean --input\?$/],
  [['--zzzzzzzz'], /^unknown option --zzzzzzzz$/],
  [['-x'], /^unknown option -x$/],
  [['-5'], /^unknown option -5$/],
  [['--toString'], /^unknown option --toString$/],
  [['--__proto__', '1'], /^unknown option --__proto__$/],
  [['--timeout'], /^--timeout: got nothing, expected a value$/],
  [['--input', '--wait'], /^--input: got the option --wait, expected JSON; .* given as --input=--wait$/],
  [['--wait=yes'], /^--wait: got "yes", expected no value, it is a switch$/],
  [['--timeout', '1', '--timeout', '2'], /^--timeout: got "1" and "2", expected one$/],
] as const) {
  test(`refuses ${argv.join(' ')}`, async () => {
    await assert.rejects(parse(argv, OPTIONS), { code: 'invalid_argument', message });
  });
}

test('the same value twice is no conflict', async () => {
  assert.equal((await parse(['--timeout', '1', '--timeout', '1'], OPTIONS)).flags.timeout, '1');
});

test('finds the first word behind options it knows, and refuses those it does not', async () => {
  assert.equal(await firstWord(['--timeout', '5', 'list', 'x'], OPTIONS), 2);
  assert.equal(await firstWord(['--wait'], OPTIONS), -1);
  assert.equal(await firstWord(['list', '--whatever'], OPTIONS), 0);
  await assert.rejects(firstWord(['--whatever', '5', 'list'], OPTIONS), { message: 'unknown option --whatever' });
});

test('knows without parsing whether JSON is wanted', () => {
  assert.equal(wantsJson(['a', '--json']), true);
  assert.equal(wantsJson(['a', '--json=1']), true);
  assert.equal(wantsJson(['a', '--', '--json']), false);
  assert.equal(wantsJson(['a', '--jsonish']), false);
});
