import assert from 'node:assert/strict';
import { test } from 'node:test';
import { restore } from '#offstage/worker/mask/refs.js';
import { key, maskOf } from './helpers.js';

/** Masks a value as it was and puts another one in. */
function rotated(then: string, now: string | undefined, make: (value: string) => unknown) {
  const { json, refs } = maskOf(then).json(JSON.stringify(make(then)));
  assert.ok(refs !== null);
  const back = restore(json, refs, () => now, key);
  return { ...back, value: JSON.parse(back.json) };
}

const THEN = 'sk-"live"-ABC/DEF+1';
const NOW = 'another "value" \\ of 30 characters';

test('a forged marker stays text, beside a real one too', () => {
  const value = { a: '***', b: `*** ${THEN} ***`, c: '***123456', '***': ['***'] };
  const { json, refs } = maskOf(THEN).json(JSON.stringify(value));
  assert.deepEqual(JSON.parse(json).b, '*** *** ***');
  assert.deepEqual(JSON.parse(restore(json, refs ?? '', () => THEN, key).json), value);
});

test('another value than at the write is put in, in its form, and told', () => {
  const forms: [(value: string) => unknown, string][] = [
    [(value) => `a ${value} z`, `a ${NOW} z`],
    [(value) => ({ [value]: 1 }), ''],
    [(value) => JSON.stringify({ value }), JSON.stringify({ value: NOW })],
    [encodeURIComponent, encodeURIComponent(NOW)],
    [(value) => Buffer.from(value).toString('hex'), Buffer.from(NOW).toString('hex')],
    [(value) => Buffer.from(value).toString('base64'), Buffer.from(NOW).toString('base64')],
    [(value) => Buffer.from(value).toString('base64url'), Buffer.from(NOW).toString('base64url')],
  ];
  for (const [make, wanted] of forms) {
    const { value, changed, missing, secrets } = rotated(THEN, NOW, make);
    assert.deepEqual(value, wanted === '' ? { [NOW]: 1 } : wanted);
    assert.deepEqual([changed, missing], [['V0'], []]);
    assert.deepEqual(secrets, [{ variable: 'V0', value: NOW }]);
  }
});

test('the same value is not told as another one', () => {
  assert.deepEqual(rotated(THEN, THEN, (value) => [value]).changed, []);
});

test('a number comes back as one; a value that is none stands there as text', () => {
  assert.deepEqual(rotated('9876543210123', '1234567890', (value) => [Number(value), value]).value, [
    1234567890,
    '1234567890',
  ]);
  assert.deepEqual(rotated('9876543210123', 'no-number', (value) => [Number(value)]).value, ['no-number']);
});

test('a variable without a value is named, and nothing is put in', () => {
  const { value, missing } = rotated(THEN, undefined, (value) => [value]);
  assert.deepEqual([value, missing], [['***'], ['V0']]);
});

test('a new value in base64 that holds more than the value is that base64 made anew', () => {
  for (const encoding of ['base64', 'base64url'] as const) {
    for (const before of ['', 'u', 'u:', 'us:', 'user:']) {
      for (const after of ['', '@', '@h', '@ho', '@host']) {
        for (const [then, now] of ['12345678', '123456789', '1234567890'].flatMap((one) =>
          ['new-value', 'new-valu', 'ä'].map((two) => [one, two]),
        )) {
          const make = (value: string) => `Basic\n${Buffer.from(before + value + after).toString(encoding)}, "x"`;
          const { value, changed } = rotated(then as string, now, (value) => [make(value)]);
          // Whether it is padded cannot be seen where it was not needed before.
          const plain = (text: string): string => text.replaceAll('=', '');
          assert.deepEqual(
            [value.map(plain), changed],
            [[plain(make(now as string))], ['V0']],
            `${before}${then}${after}`,
          );
        }
      }
    }
  }
});
