/** Where a text stops being JSON: the place, by hand and by every cut and change of texts that are JSON. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { breakOf, isBehindJson, placed } from '#offstage/cli/json-break.js';

for (const [text, at, expected] of [
  ['', 0, 'a value'],
  ['{', 1, 'a name in double quotes or }'],
  ['{"name": ', 9, 'a value'],
  ['{"name"', 7, ':'],
  ['{"name', 6, 'the " that ends the text'],
  ['{"a":1', 6, ', or }'],
  ['{"a":1,}', 7, 'a name in double quotes'],
  ['{a:1}', 1, 'a name in double quotes or }'],
  ["{'a':1}", 1, 'a name in double quotes or }'],
  ['[', 1, 'a value or ]'],
  ['[1,]', 3, 'a value'],
  ['[1 2]', 3, ', or ]'],
  ['[1}', 2, ', or ]'],
  ['[01]', 1, 'a value or ]'],
  ['[nul]', 1, 'a value or ]'],
  ['[1] x', 4, 'nothing more'],
  ['["\\x"]', 2, 'an escape such as \\n, \\" or \\u00e9'],
  ['["a\tb"]', 3, 'an escape such as \\n in place of a control character'],
  [`${'['.repeat(100_000)}`, 100_000, 'a value or ]'],
  [`["${'x'.repeat(5_000_000)}`, 5_000_002, 'the " that ends the text'],
] as const) {
  test(`${text.slice(0, 20)} (${text.length} characters)`, () => assert.deepEqual(breakOf(text), { at, expected }));
}

const WHOLE = '{"a": [1, -2.5e+3, true, null, "\\u00e9\\n\u2028"], "b": {"c": [], "d": {}}, "": [[{"x": "😀"}]]}';

const isJson = (text: string): boolean => {
  try {
    return [JSON.parse(text)].length === 1;
  } catch {
    return false;
  }
};

test('what was cut off breaks where it ends, unless in a word that is not whole', () => {
  for (let length = 0; length < WHOLE.length; length += 1) {
    const { at } = breakOf(WHOLE.slice(0, length));
    const rest = WHOLE.slice(at, length);
    assert.match(rest, /^(|[-\d.e+]+|t|tr|tru|n|nu|nul|\\(u[\da-f]{0,3})?)$/, `${length}: ${rest}`);
  }
});

test('of every change of one sign it says a break exactly where JSON.parse refuses', () => {
  for (let index = 0; index < WHOLE.length; index += 1) {
    for (const sign of ['', '"', '{', '}', '[', ']', ',', ':', '0', 'x', '\\', '\n', ' ', '-', '.']) {
      const text = WHOLE.slice(0, index) + sign + WHOLE.slice(index + 1);
      const broken = breakOf(text);
      const isWhole = isBehindJson(broken) && broken.at === text.length;
      assert.equal(isWhole, isJson(text), `${JSON.stringify(text)}: ${JSON.stringify(broken)}`);
    }
  }
});

test('in words it is a character, or a line and a column', () => {
  const said = (text: string): string => placed(breakOf(text), text);
  assert.equal(said('{"a" 1}'), ': at character 6');
  assert.equal(said('{\n  "a": 1,\n}'), 'a name in double quotes at line 3, column 1');
  assert.equal(said('['), 'a value or ] at character 2, where it ends');
});
