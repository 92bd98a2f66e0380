import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CUT } from '#offstage/wire/cut.js';
import { maskOf } from './helpers.js';

test('values of eight characters or more are hidden, shorter ones are not', () => {
  const mask = maskOf('12345678', 'short', '12345678-longer');
  assert.equal(mask.text('a 12345678 b short 12345678-longer c'), 'a *** b short *** c');
});

test('in JSON strings, keys and whole numbers are hidden, and it stays JSON', () => {
  const mask = maskOf('12345678', 'quo"ted\\value');
  const json =
    '{"n":12345678,"list":["x12345678","quo\\"ted\\\\value",123456789,1.12345678,-12345678],"deep":{"nul":null}}';
  assert.equal(
    mask.json(json).json.replace(/\s/g, ''),
    json.replace('12345678', '"***"').replace('x12345678', 'x***').replace('quo\\"ted\\\\value', '***'),
  );
});

test('keys of an object become two when they were two', () => {
  const mask = maskOf('secret-number-one', 'secret-number-two');
  const masked = JSON.parse(mask.json('{"secret-number-one":1,"a secret-number-two":2}').json);
  assert.deepEqual(Object.values(masked), [1, 2]);
  for (const name of Object.keys(masked)) assert.match(name, /^(a )?\*\*\*[0-9a-f]{6}$/);
});

test('a name is always the same and tells two values apart', () => {
  const mask = maskOf('secret-number-one', 'secret-number-two');
  const [one, two] = [mask.name('get secret-number-one'), mask.name('get secret-number-two')];
  assert.match(one, /^get \*\*\*[0-9a-f]{6}$/);
  assert.notEqual(one, two);
  assert.equal(maskOf('secret-number-one').name('get secret-number-one'), one);
  assert.equal(mask.name(one), one);
});

test('text without a secret passes untouched', () => {
  const json = '{ "a" : 1.0 }';
  assert.deepEqual(maskOf('12345678').json(json), { json, refs: null });
  assert.deepEqual(maskOf().json(json), { json, refs: null });
  assert.equal(maskOf().text('12345678'), '12345678');
});

test('an escape that a value seems to begin in is left whole', () => {
  const mask = maskOf('12345678', 'nabcdefgh');
  for (const value of ['\u0012345678', '\\nabcdefgh'.slice(1), '\nabcdefgh', '\\12345678']) {
    const json = JSON.stringify([value]);
    assert.equal(typeof JSON.parse(mask.json(json).json)[0], 'string', json);
  }
  assert.equal(JSON.parse(mask.json(JSON.stringify('\u001212345678')).json), '\u0012***');
  assert.equal(JSON.parse(mask.json(JSON.stringify('\nabcdefgh')).json), '\nabcdefgh', 'the n is not a letter');
  assert.equal(JSON.parse(mask.json(JSON.stringify('\u0012345678')).json), '\u0012345678', 'nor is the 12 a number');
});

test('what looks like a value between two strings is structure', () => {
  const json = '[1,2,3,4,5,true,{"a":[1,2,3,4,5]}]';
  assert.deepEqual(maskOf('1,2,3,4,5', 'true,{"a').json(json), { json, refs: null });
});

test('where two values overlap both are covered', () => {
  assert.equal(maskOf('abcdefgh1234', 'efgh1234ijkl').text('-abcdefgh1234ijkl-'), '-******-');
});

test('what is left of a value in a text that was cut is hidden', () => {
  const mask = maskOf('sk-live-ABCDEFGH12345678');
  assert.equal(mask.text(`x sk-live-AB${CUT}`), `x ***${CUT}`);
  assert.equal(mask.text(`x sk-${CUT}`), `x sk-${CUT}`);
  assert.equal(mask.text(`sk-live-ABCDEFGH12345678${CUT}`), `***${CUT}`);
});

test('lines of a value are hidden one by one, those of eight characters or more', () => {
  const mask = maskOf('-----BEGIN KEY-----\n  QwErTyUiOpAsDf\r\nshort\n-----END KEY-----\n');
  assert.equal(mask.text('-----BEGIN KEY-----'), '***');
  assert.equal(mask.text('> QwErTyUiOpAsDf <'), '> *** <');
  assert.equal(mask.text('short'), 'short');
});

test('plain data has its numbers, keys and texts hidden', () => {
  const mask = maskOf('9876543210123');
  assert.deepEqual(mask.value({ pin: 9876543210123, n: 987654321012, text: ['9876543210123'] }), {
    pin: '***',
    n: 987654321012,
    text: ['***'],
  });
});

test('a mask with more values hides those it had too', () => {
  const mask = maskOf('sk-live-1');
  assert.equal(mask.with([{ variable: 'V0', value: 'sk-live-1' }]), mask);
  assert.equal(mask.with([{ variable: 'V0', value: 'sk-live-2' }]).text('sk-live-1 sk-live-2'), '*** ***');
});
